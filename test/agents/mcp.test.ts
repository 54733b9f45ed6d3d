import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {withEveryAgent} from '../support/agent-user.js'
import {linkDirectory} from '../support/link-plugin.js'
import type {ModelServer, ToolCall} from '../support/model-server/index.js'
import {ends, ROOT} from '../support/sandbox.js'

interface Client {
  /** How its model asks for a tool of the server. */
  readonly call: (tool: string, input: object) => ToolCall
  /** Its own command for one prompt. */
  readonly words: (prompt: string) => readonly string[]
  /** What lets it use the tool `ask` where nobody can agree. */
  readonly allowAsk: readonly string[]
}

const CLIENTS: Readonly<Record<string, Client>> = {
  claude: {
    call: (tool, input) => ({name: `mcp__clinvk__${tool}`, input}),
    words: (prompt) => ['claude', '-p', prompt],
    allowAsk: ['--allowedTools', 'mcp__clinvk__ask'],
  },
  codex: {
    // Its model finds the tools by another tool first; it may name them at once.
    call: (tool, input) => ({name: tool, input, namespace: 'mcp__clinvk'}),
    // Else it begins before the server has told it the tools.
    words: (prompt) => [
      'codex',
      'exec',
      '--skip-git-repo-check',
      '-c',
      'mcp_servers.clinvk.required=true',
      prompt,
    ],
    allowAsk: ['-c', 'mcp_servers.clinvk.default_tools_approval_mode="approve"'],
  },
  gemini: {
    call: (tool, input) => ({name: `mcp_clinvk_${tool}`, input}),
    words: (prompt) => ['gemini', '--skip-trust', '-p', prompt],
    allowAsk: ['--approval-mode', 'yolo'],
  },
  opencode: {
    call: (tool, input) => ({name: `clinvk_${tool}`, input}),
    words: (prompt) => ['opencode', 'run', prompt],
    allowAsk: [],
  },
}

describe('clinvk mcp, installed by clinvk mcp install', function () {
  this.timeout(240_000)
  const machine = withEveryAgent()
  beforeEach(() => {
    const {user} = machine
    user.env.PATH = user.pathWithClinvk()
    linkDirectory(user, 'clinvk-plugin-serve', join(ROOT, 'plugins/serve'))
  })

  /** What the tool has answered to a prompt for which the model asks for it. */
  async function answered(
    name: string,
    tool: string,
    input: object,
    flags: readonly string[] = [],
    env = {},
  ) {
    const {server, user} = machine
    const {call, words} = CLIENTS[name]!
    const prompt = `use ${tool} of clinvk`
    server.when(prompt, {tools: [call(tool, input)]}, {text: 'used'})
    const [file = '', ...args] = [...words(prompt), ...flags]
    await ends(user.run(file, args, {env}).finished, {code: 0, stdout: /used/})
    return resultIn(server)
  }

  for (const [name, {allowAsk}] of Object.entries(CLIENTS)) {
    it(`lets ${name} ask another agent, and search what was said without being asked for approval`, async () => {
      await ends(machine.user.clinvk(['mcp', 'install', name]), {code: 0})
      const asked = await answered(name, 'ask', {prompt: 'What is blue?', agent: 'echo'}, allowAsk)
      assert.match(asked, /"agent":"echo","status":"success","answer":"You said: What is blue\?"/)
      const found = await answered(name, 'search', {query: 'blue', agent: 'echo'})
      assert.match(found, /"snippet":"You said: What is blue\?"/)
    })
  }

  it('refuses an agent that claude has been asked for, by an agent that claude has been asked for', async () => {
    const {server, user} = machine
    await ends(user.clinvk(['mcp', 'install', 'claude']), {code: 0})
    user.write('.claude/settings.json', JSON.stringify({permissions: {allow: ['mcp__clinvk__ask']}}))
    const {call} = CLIENTS.claude!
    const ask = (prompt: string) => ({tools: [call('ask', {prompt, agent: 'claude'})]})
    server.when('first', ask('second'), {text: 'first is done'})
    server.when('second', ask('third'), {text: 'second is done'})
    server.when('third', {text: 'nobody asks this'})
    await ends(user.clinvk(['-b', 'claude', 'the first']), {code: 0, stdout: 'first is done\n'})
    const prompts = new Set(server.calls.map(({prompt}) => prompt))
    assert.deepEqual([...prompts].sort(), ['second', 'the first'])
    const results = server.calls.flatMap(({turns}) => turns.flatMap((turn) => turn.toolResults))
    assert.ok(results.some(({text}) => text.startsWith('You run inside 2 turns of clinvk already')))
  })

  it('@smoke finds out how deep codex runs, which passes on no variable', async () => {
    const {user} = machine
    await ends(user.clinvk(['mcp', 'install', 'codex']), {code: 0})
    const settings = readFileSync(join(user.home, '.codex/config.toml'), 'utf8')
    user.write('.codex/config.toml', settings.replace(/^env_vars.*\n/m, ''))
    const input = {prompt: 'x', agent: 'echo'}
    const refused = await answered('codex', 'ask', input, CLIENTS.codex!.allowAsk, {CLINVK_DEPTH: '2'})
    assert.match(refused, /You run inside 2 turns of clinvk already/)
  })
})

/** The last result of a tool that the model was told. */
function resultIn({calls}: ModelServer): string {
  return calls.flatMap(({turns}) => turns.flatMap(({toolResults}) => toolResults)).at(-1)?.text ?? ''
}
