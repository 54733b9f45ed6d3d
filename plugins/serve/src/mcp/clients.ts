import {homedir} from 'node:os'
import {join} from 'node:path'
import {isRecord} from 'clinvk-kit/format/is-record'
import type {Env} from 'clinvk-kit/io'

/** What makes an agent know the server, in this order. */
export type Step =
  | {readonly kind: 'command'; readonly words: readonly string[]}
  /** `change` throws a SyntaxError where it does not understand what is there. */
  | {
      readonly kind: 'file'
      readonly path: string
      /** What is added, for people. */
      readonly adds: string
      readonly change: (text: string) => string
    }

/** An agent that can be told of the server. */
interface McpClient {
  readonly steps: (server: McpCommand, env: Env) => readonly Step[]
  /** How it forgets the server. */
  readonly remove: (env: Env) => readonly string[]
  /** Its own command that is needed first where the server is known already. */
  readonly replaces?: readonly string[]
}

/** How the server is started. */
export interface McpCommand {
  readonly words: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

const NAME = 'clinvk'
const READ_ONLY = ['search', 'sessions', 'read']
const REMOVE_CLAUDE = ['claude', 'mcp', 'remove', '-s', 'user', NAME]

/** By the agents' own commands (`docs/guide/mcp.md`): claude 2.1.197, codex 0.169.0, gemini 0.61.0, opencode 1.18.33. */
export const MCP_CLIENTS: Readonly<Record<string, McpClient>> = {
  claude: {
    steps: ({env, words}, outer) => [
      command('claude', 'mcp', 'add', NAME, '-s', 'user', ...pairs('-e', env), '--', ...words),
      {
        kind: 'file',
        path: join(outer.CLAUDE_CONFIG_DIR || join(homeOf(outer), '.claude'), 'settings.json'),
        adds: `permissions.allow for ${READ_ONLY.join(', ')}: they change nothing`,
        change: allowInClaude,
      },
    ],
    replaces: REMOVE_CLAUDE,
    remove: () => [REMOVE_CLAUDE.join(' ')],
  },
  codex: {
    steps: ({env, words}, outer) => [
      command('codex', 'mcp', 'add', NAME, ...pairs('--env', env), '--', ...words),
      {
        kind: 'file',
        path: join(outer.CODEX_HOME || join(homeOf(outer), '.codex'), 'config.toml'),
        adds: `${CODEX_LINES.join(', ')} in [mcp_servers.${NAME}]`,
        change: addToCodex,
      },
    ],
    remove: () => [`codex mcp remove ${NAME}`],
  },
  gemini: {
    steps: ({env, words}, outer) => [
      command(
        'gemini',
        'mcp',
        'add',
        '-s',
        'user',
        '--timeout',
        '600000',
        ...pairs('-e', env),
        NAME,
        ...words,
      ),
      {
        kind: 'file',
        path: geminiPolicy(outer),
        adds: `a rule that allows ${READ_ONLY.join(', ')}: they change nothing`,
        change: () => GEMINI_RULE,
      },
    ],
    remove: (env) => [`gemini mcp remove -s user ${NAME}`, `rm ${geminiPolicy(env)}`],
  },
  opencode: {
    steps: ({env, words}) => [
      command('opencode', 'mcp', 'add', NAME, ...pairs('--env', env), '--', ...words),
    ],
    remove: () => [`take "${NAME}" out of "mcp" in ~/.config/opencode/opencode.json (or .jsonc)`],
  },
}

function command(...words: string[]): Step {
  return {kind: 'command', words}
}

/** `['-e', 'A=1', '-e', 'B=2']` */
function pairs(flag: string, env: Readonly<Record<string, string>>): string[] {
  return Object.entries(env).flatMap(([name, value]) => [flag, `${name}=${value}`])
}

function homeOf(env: Env): string {
  return env.HOME || homedir()
}

/** claude asks before it uses a tool that is not allowed, and without a terminal it does not use it. */
function allowInClaude(text: string): string {
  const settings: unknown = text.trim() === '' ? {} : JSON.parse(text)
  if (!isRecord(settings)) throw new SyntaxError('it is no object')
  const permissions = isRecord(settings.permissions) ? settings.permissions : {}
  const allow: unknown[] = Array.isArray(permissions.allow) ? permissions.allow : []
  const tools = READ_ONLY.map((tool) => `mcp__${NAME}__${tool}`).filter((tool) => !allow.includes(tool))
  if (tools.length === 0) return text
  return `${JSON.stringify({...settings, permissions: {...permissions, allow: [...allow, ...tools]}}, undefined, 2)}\n`
}

/**
 * codex passes on few variables, and gives up a call after a minute. It has just written the section, so none of these
 * lines is in it.
 */
function addToCodex(text: string): string {
  const header = `[mcp_servers.${NAME}]`
  const lines = text.split('\n')
  const index = lines.findIndex((line) => line.trim() === header)
  if (index === -1) throw new SyntaxError(`it has no line ${header}`)
  return lines.toSpliced(index + 1, 0, ...CODEX_LINES).join('\n')
}
const CODEX_LINES = ['env_vars = ["CLINVK_DEPTH"]', 'tool_timeout_sec = 600']

/** gemini asks before it uses a tool of a server, and without a terminal it does not know the tool at all. */
const geminiPolicy = (env: Env) => join(homeOf(env), '.gemini/policies/clinvk.toml')
const GEMINI_RULE = `# Written by clinvk mcp install gemini.
[[rule]]
mcpName = "${NAME}"
toolName = ${JSON.stringify(READ_ONLY)}
decision = "allow"
priority = 100
`
