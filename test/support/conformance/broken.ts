import assert from 'node:assert/strict'
import {cpSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'

/** A backend that is broken in one way: the good one with a few words changed. */
export interface Broken {
  /** What is wrong with it. */
  readonly flaw: string
  /** Pairs of a text in the file and what stands there instead. */
  readonly edits: readonly (readonly [from: string, to: string])[]
  /** `index.js` when not given. */
  readonly file?: string
  /** Other checks that cannot but fail with it. */
  readonly also?: readonly string[]
}

/** A backend without a flaw, as a package. */
export const GOOD = join(import.meta.dirname, 'good')

/** Copies the good backend and breaks the copy. */
export function breakBackend(
  directory: string,
  {edits, file = 'index.js'}: Pick<Broken, 'edits' | 'file'>,
): void {
  cpSync(GOOD, directory, {recursive: true})
  const path = join(directory, file)
  let text = readFileSync(path, 'utf8')
  for (const [from, to] of edits) {
    assert.ok(text.includes(from), `${file} has: ${from}`)
    text = text.replaceAll(from, () => to)
  }

  writeFileSync(path, text)
}

const EXPECTED = ['fixtures-as-expected']

/** For each check backends that fail it. */
export const BROKEN: Readonly<Record<string, readonly Broken[]>> = {
  'descriptor-valid': [
    pack('is made for a contract of the future', '"contract": 1', '"contract": 2'),
    pack('promises something that the contract does not know', '"streaming"', '"steaming"'),
    pack('gives a number for a text', '"fast": "small"', '"fast": 1'),
    pack('does not say how to get the agent', '"npm install -g good-agent"', '""'),
  ],
  'descriptor-sensible': [
    pack('was tested before it works', '"tested": "1.2.3"', '"tested": "0.9"'),
    pack('was never tested', '"tested": "1.2.3",', ''),
    pack('promises what is always refused', '"none"', '"none", "always"'),
    pack('claims the settings of all programs', '"~/.good-agent"', '"~/.config"'),
  ],
  'package-complete': [
    pack('is not found by its name', '"clinvk-backend-good"', '"good-for-clinvk"'),
    pack('publishes no fixtures', '"fixtures"', '"index.d.ts"'),
    pack('names a module that is missing', './index.js', './dist/index.js', ['module-loads']),
    pack('depends on clinvk', '"oclif"', '"dependencies": {"clinvk-kit": "1"}, "oclif"'),
  ],
  'fixtures-enough': [
    {
      flaw: 'resumes without a fixture of it',
      file: 'fixtures/resume.json',
      edits: [['"kind": "resume"', '"kind": "new"']],
    },
  ],

  'module-loads': [
    code('fails while it loads', 'export default {', 'throw new Error("broken")\nexport default {'),
    code('exports something else', 'export default {', 'export const backend = {'),
    code('misspells settle', 'settle:', 'setle:'),
  ],
  'imports-allowed': [
    code(
      'imports the kit in `tidy`',
      'tidy: async () => {}',
      "tidy: async () => void (process.env.GOOD && import('clinvk-kit/errors/failure'))",
    ),
    code('imports the kit', 'export default {', "import 'clinvk-kit/errors/failure'\nexport default {", [
      // It lies outside of this checkout, where there is no kit.
      'module-loads',
    ]),
    inPlan(
      'starts a program',
      'try { execFileSync("true") } catch {}',
      "import {execFileSync} from 'node:child_process'",
    ),
    inPlan('reads the home directory', 'existsSync("/home/ada")', "import {existsSync} from 'node:fs'"),
  ],
  'no-side-effects': [
    inPlan(
      'uses the network, prints, exits, changes the process and leaves a timer',
      `for (const task of [() => fetch("http://127.0.0.1:9"), () => console.log("x"), () => process.exit(1)])
        try { task() } catch {}
      process.env.GOOD = "1"
      process.once("SIGHUP", () => {})
      setInterval(() => {}, 60_000)`,
    ),
  ],

  'plan-valid': [
    inPlan('throws', 'if (turn.systemPrompt === "") throw new Error("no prompt")'),
    code('gives a number for an argument', 'String(turn.maxTurns)', 'turn.maxTurns'),
    code('puts its file elsewhere', '`${host.scratch}/system.md`', '"/tmp/system.md"'),
    code('names no option', "option: '--sandbox-mode full'", "option: 'this'"),
    code('gives no reason', "reason: 'Good Agent does not run so as root'", "reason: ''"),
  ],
  'plan-pure': [
    code(
      'looks at its own environment',
      "'--json',",
      "'--json', ...(process.env.CLINVK_OTHER ? ['-q'] : []),",
    ),
    code(
      'looks at a variable that is always set',
      "'--json',",
      "'--json', ...(process.env.PATH ? ['-q'] : []),",
      EXPECTED,
    ),
    inPlan('sorts the directories of the user', 'turn.addDirs.sort()'),
  ],
  'old-state-harmless': [
    inPlan('trusts the state', 'if (turn.session.state !== undefined) turn.session.state.model.trim()'),
  ],
  'options-honoured': [
    code('refuses what it promises', "turn.sandbox === 'full' && host.isRoot", "turn.sandbox === 'full'"),
    code('drops words of --extra', '...turn.extra,', ''),
    code('drops its own option', "['--patience', String(turn.options.patience)]", '[]'),
    code('ignores read-only', "turn.sandbox === 'default' ?", '/^(default|read-only)$/.test(turn.sandbox) ?'),
  ],
  'resume-names-session': [
    code(
      'resumes the last conversation',
      "return [kind === 'resume' ? '--resume' : '--session', id]",
      "return kind === 'resume' ? ['--last'] : ['--session', id]",
    ),
  ],
  'prompt-whole': [
    code('cuts blanks off', 'stdin: turn.prompt', 'stdin: turn.prompt.trim()'),
    {
      flaw: 'gives some prompts as an argument',
      edits: [
        ['...turn.extra,', '...turn.extra, ...(/^--/.test(turn.prompt) ? [turn.prompt] : []),'],
        ['stdin: turn.prompt', "stdin: /^--/.test(turn.prompt) ? '' : turn.prompt"],
      ],
    },
    code(
      'gives a large prompt as an argument',
      '...turn.extra,',
      '...turn.extra, ...(turn.prompt.length > 1e5 ? [turn.prompt] : []),',
    ),
  ],

  'fixtures-as-expected': [
    code('shouts', "{type: 'text', text}", "{type: 'text', text: text.toUpperCase()}"),
  ],
  'events-valid': [
    code('gives a word for a truth value', 'is_error: false', "is_error: 'no'"),
    code('keeps a Map', 'state: {model}', 'state: {model, seen: new Map()}'),
  ],
  'session-reported': [
    code('reports the session twice', 'if (this.#told) return []', '', EXPECTED),
    {
      flaw: 'reports its session late',
      edits: [
        [
          "return [{type: 'usage', usage: this.#usage}]",
          "return [...(this.hello?.splice(0) ?? []), {type: 'usage', usage: this.#usage}]",
        ],
        ["return [\n          {type: 'session'", "this.hello = [\n          {type: 'session'"],
        [
          "{type: 'state', state: {model}},\n        ]",
          "{type: 'state', state: {model}},\n        ]\n        return []",
        ],
      ],
      also: EXPECTED,
    },
    code(
      'reports the id that was given',
      'backend_session_id: session',
      'backend_session_id: this.turn.session.id',
    ),
  ],
  'events-ordered': [
    code('gives the result another id', "'tool_result', id,", "'tool_result', id: `${id}x`,"),
    code(
      'is finished too early',
      "{type: 'usage', usage: this.#usage}]",
      "{type: 'usage', usage: this.#usage}, {type: 'finished'}]",
    ),
  ],
  'usage-right': [
    code('counts the cached twice', 'input + output,', 'input + output + message.cached,', EXPECTED),
    {
      flaw: 'counts the last call alone',
      file: 'fixtures/answer.stdout',
      edits: [
        ['"input":22,"output":9,"cached":12', '"input":12,"output":4,"cached":10'],
        ['"input":10,', '"input":18,'],
      ],
      also: EXPECTED,
    },
    pack('promises more than it reports', '"total_tokens"', '"total_tokens", "reasoning_tokens"'),
    pack('reports more than it promises', '"cached_tokens",', ''),
  ],
  'unknown-lines-kept': [
    code('throws lines away', "?? [{type: 'unparsed', line}]", '?? []', ['huge-line']),
    code('begins anew', '} catch {', '} catch {\n      this.#told = false'),
  ],
  'huge-line': [
    code('drops long lines', 'line(line) {', 'line(line) {\n    if (line.length > 1e6) return []'),
  ],
  'damaged-lines-harmless': [
    code(
      'trusts an error',
      "isText(message.error) ? message.error : 'The agent gave no reason.'",
      "ok ? '' : message.error.trim()",
    ),
    code('trusts a text', "isText(text) ? [{type: 'text', text}] : undefined", "[{type: 'text', text}]"),
  ],
  'readers-apart': [
    code('invents ids', 'name: tool,', 'name: tool + Math.random(),', ['unknown-lines-kept']),
    {
      flaw: 'keeps in the module what a reader has seen',
      edits: [
        ['class GoodReader {', 'let told = false\nclass GoodReader {'],
        ['this.turn = turn', 'this.turn = turn\n    told = false'],
        ['if (this.#told) return []', 'if (told) return []\n        told = true'],
      ],
    },
    {
      flaw: 'depends on when its lines come',
      edits: [
        ['this.turn = turn', 'this.turn = turn\n    setImmediate(() => (this.late = true))'],
        ['line(line) {', "line(line) {\n    if (this.late) return [{type: 'notice', message: 'slow'}]"],
      ],
    },
  ],
  'end-always-reported': [
    code(
      'gives no message',
      "`The agent ended early (${signal ?? code ?? 'unknown'}). ${stderr}`.trim()",
      'stderr.trim()',
    ),
    code('takes any answer for a success', 'if (this.#end?.ok)', 'if (this.#end?.ok || this.#usage)'),
    code(
      'takes silence for a success',
      'if (this.#end?.ok)',
      'if (this.#end?.ok || (code === 0 && !this.#told))',
    ),
  ],
  'answer-kept': [
    code(
      'drops the answer at an exit code',
      'if (this.#end?.ok)',
      "if (code > 0) return {outcome: 'failed', message: 'exit', content: ''}\n    if (this.#end?.ok)",
      EXPECTED,
    ),
    code('believes the last line', '} catch {', '} catch {\n      this.#end = undefined'),
    code(
      'takes every word for an error',
      'if (this.#end?.ok)',
      "if (this.#end?.ok && stderr !== '') return {outcome: 'failed', message: stderr}\n    if (this.#end?.ok)",
    ),
  ],

  'turn-end-harmless': [
    code('kills', "'SIGTERM'", "'SIGKILL'"),
    code(
      'removes all',
      'async (_turn, verdict) => verdict',
      removesAll('_turn, verdict, files', 'return verdict'),
    ),
  ],
  'unknown-conversation-harmless': [
    code(
      'takes a part of a name for the name',
      'async function forget({id}, files) {\n  const path = await fileOf(id, files)',
      'async function forget({id}, files) {\n  const path = (await files.list()).find((one) => one.includes(id))',
    ),
    code(
      'finds any conversation',
      'async function record({id}, files) {\n  const path = await fileOf(id, files)',
      'async function record({id}, files) {\n  const [path] = await files.list()',
    ),
    code('removes all', 'tidy: async () => {}', `tidy: ${removesAll('_conversation, files', '')}`),
  ],
  'programs-name-session': [
    code('resumes the last conversation', "['--resume', conversation.id,", "['--last',"),
    code('deletes all', "['delete', '--', conversation.id]", "['delete', '--all']"),
  ],
  'probe-reads-anything': [
    code('asks in one word', "args: ['--version']", "args: '--version'"),
    code(
      'trusts the answer',
      'const [version] = /\\d+\\.\\d+\\.\\d+/.exec(stdout) ?? []',
      'const version = /\\d+\\.\\d+\\.\\d+/.exec(stdout)[0]',
    ),
  ],
}

/** A backend that lacks what most checks rely on: only these checks report it. */
export const WITHOUT_PREREQUISITES: readonly (Broken & {readonly failed: readonly string[]})[] = [
  {...inPlan('throws in its plan', "throw new Error('not yet')"), failed: ['plan-valid', ...EXPECTED]},
  {
    ...code('promises its plan', 'function plan(turn, host) {', 'async function plan(turn, host) {'),
    failed: ['plan-valid', ...EXPECTED],
  },
]

function code(flaw: string, from: string, to: string, also?: readonly string[]): Broken {
  return {flaw, edits: [[from, to]], also}
}

function pack(flaw: string, from: string, to: string, also?: readonly string[]): Broken {
  return {flaw, file: 'package.json', edits: [[from, to]], also}
}

/** Does something in every plan. */
function inPlan(flaw: string, statement: string, imports = ''): Broken {
  const [module, plan] = ['export default {', 'function plan(turn, host) {']
  return {
    flaw,
    edits: [
      [plan, `${plan}\n  ${statement}`],
      [module, `${imports}\n${module}`],
    ],
  }
}

function removesAll(parameters: string, end: string): string {
  return `async (${parameters}) => {\n    for (const path of await files.list()) await files.remove(path)\n    ${end}\n  }`
}
