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

/** For each check a backend that fails it. */
export const BROKEN: Readonly<Record<string, readonly Broken[]>> = {
  'contract-version': [pack('is made for a contract of the future', '"contract": 1', '"contract": 2')],
  'descriptor-types': [
    pack('promises something that the contract does not know', '"streaming"', '"steaming"'),
    // clinvk itself cannot use these.
    {...pack('gives a number for a text', '"fast": "small"', '"fast": 1'), also: ['contract-version']},
    {
      ...pack('does not say how to get the agent', '"npm install -g good-agent"', '""'),
      also: ['contract-version'],
    },
  ],
  'descriptor-versions': [
    pack('was tested before it works', '"tested": "1.2.3"', '"tested": "0.9"'),
    pack('was never tested', '"tested": "1.2.3",', ''),
  ],
  'capabilities-possible': [pack('promises what is always refused', '"none"', '"none", "always"')],
  'own-directories': [pack('claims the settings of all programs', '"~/.good-agent"', '"~/.config"')],
  'package-name': [pack('is not found by its name', '"clinvk-backend-good"', '"good-for-clinvk"')],
  'package-whole': [
    pack('ships no fixtures', '"fixtures"', '"index.d.ts"'),
    pack('names a module that is not there', './index.js', './dist/index.js'),
  ],
  'no-dependency-on-clinvk': [
    pack('brings a clinvk of its own', '"oclif"', '"dependencies": {"clinvk-kit": "1"}, "oclif"'),
  ],
  'fixtures-enough': [
    {
      flaw: 'resumes, and shows it nowhere',
      file: 'fixtures/resume.json',
      edits: [['"kind": "resume"', '"kind": "new"']],
    },
  ],

  'module-loads': [
    code('fails while it loads', 'export default {', 'throw new Error("broken")\nexport default {'),
    code('exports something else', 'export default {', 'export const backend = {'),
  ],
  'imports-nothing-of-clinvk': [
    code(
      'imports the kit when it tidies up',
      'tidy: async () => {}',
      "tidy: async () => void (process.env.GOOD && import('clinvk-kit/errors/failure'))",
    ),
    {
      ...code('imports the kit', 'export default {', "import 'clinvk-kit/errors/failure'\nexport default {"),
      // It lies outside of this checkout, where there is no kit.
      also: ['module-loads'],
    },
  ],
  'members-known': [code('calls its settle setle', 'settle:', 'setle:')],
  'no-network': [inPlan('asks the network', 'try { fetch("http://127.0.0.1:9") } catch {}')],
  'no-processes': [
    inPlan(
      'starts a program',
      'try { execFileSync("true", {stdio: "ignore"}) } catch {}',
      'execFileSync',
      'node:child_process',
    ),
  ],
  'no-files': [
    inPlan(
      'writes a file',
      'try { writeFileSync(new URL("written", import.meta.url), "") } catch {}',
      'writeFileSync',
      'node:fs',
    ),
    inPlan('looks into the home directory', 'existsSync("/home/ada/.good-agent")', 'existsSync', 'node:fs'),
  ],
  'prints-nothing': [inPlan('prints', 'console.log("planning")')],
  'process-untouched': [inPlan('ends clinvk', 'try { process.exit(1) } catch {}')],
  'environment-untouched': [
    inPlan('sets a variable', 'process.env.GOOD = "1"'),
    inPlan('listens to signals', 'process.once("SIGHUP", () => {})'),
  ],
  'leaves-nothing-running': [inPlan('starts a timer', 'setInterval(() => {}, 60_000)')],

  'plan-never-throws': [inPlan('throws', 'if (turn.systemPrompt === "") throw new Error("no prompt")')],
  'plan-shape': [code('gives a number for an argument', 'String(turn.maxTurns)', 'turn.maxTurns')],
  'plan-repeatable': [
    code('looks where it runs', "'--json',", "'--json', ...(process.env.CLINVK_OTHER ? ['-q'] : []),"),
    {
      ...code(
        'looks where it runs, on a CI machine',
        "'--json',",
        "'--json', ...(process.env.PATH ? ['-q'] : []),",
      ),
      also: ['fixtures-as-expected'],
    },
  ],
  'plan-leaves-turn': [inPlan('sorts the directories of the user', 'turn.addDirs.sort()')],
  'plan-files-in-scratch': [
    code('puts its file elsewhere', '`${host.scratch}/system.md`', '"/tmp/system.md"'),
  ],
  'refusals-explain': [
    code('names no option', "option: '--sandbox-mode full'", "option: 'this'"),
    code('gives no reason', "reason: 'Good Agent does not run so as root'", "reason: ''"),
  ],
  'promises-not-refused': [
    code('refuses what it promises', "turn.sandbox === 'full' && host.isRoot", "turn.sandbox === 'full'"),
  ],
  'options-not-dropped': [
    code('drops words of --extra', '...turn.extra,', ''),
    code('drops its own option', "['--patience', String(turn.options.patience)]", '[]'),
  ],
  'modes-differ': [
    code('ignores read-only', "turn.sandbox === 'default' ?", '/^(default|read-only)$/.test(turn.sandbox) ?'),
  ],
  'resume-names-session': [
    code(
      'resumes the last conversation',
      "return [kind === 'resume' ? '--resume' : '--session', id]",
      "return kind === 'resume' ? ['--last'] : ['--session', id]",
    ),
  ],
  'prompt-whole': [code('cuts blanks off', 'stdin: turn.prompt', 'stdin: turn.prompt.trim()')],
  'prompt-no-option': [
    {
      flaw: 'gives some prompts as an argument',
      edits: [
        ['...turn.extra,', '...turn.extra, ...(/^--/.test(turn.prompt) ? [turn.prompt] : []),'],
        ['stdin: turn.prompt', "stdin: /^--/.test(turn.prompt) ? '' : turn.prompt"],
      ],
    },
  ],
  'prompt-fits': [largeInArguments()],
  'old-state-harmless': [
    inPlan('trusts the state', 'if (turn.session.state !== undefined) turn.session.state.model.trim()'),
  ],

  'fixtures-as-expected': [
    code('shouts', "{type: 'text', text}", "{type: 'text', text: text.toUpperCase()}"),
  ],
  'events-shape': [code('gives a word for a truth value', 'is_error: false', "is_error: 'no'")],
  'session-once': [
    {...code('tells the session twice', 'if (this.#told) return []', ''), also: ['fixtures-as-expected']},
  ],
  'session-first': [
    {...lateSession("return [{type: 'usage', usage: this.#usage}]"), also: ['fixtures-as-expected']},
  ],
  'session-as-told': [
    code(
      'believes what it asked for',
      'backend_session_id: session',
      'backend_session_id: this.turn.session.id',
    ),
  ],
  'tools-paired': [code('calls the result otherwise', "'tool_result', id,", "'tool_result', id: `${id}x`,")],
  'usage-sums': [
    {
      ...code('counts the cached twice', 'input + output,', 'input + output + message.cached,'),
      also: ['fixtures-as-expected'],
    },
  ],
  'usage-never-falls': [
    {
      flaw: 'tells the last call alone',
      file: 'fixtures/answer.stdout',
      edits: [
        ['"input":22,"output":9,"cached":12', '"input":12,"output":4,"cached":10'],
        ['"input":10,', '"input":18,'],
      ],
      also: ['fixtures-as-expected'],
    },
  ],
  'usage-as-promised': [
    pack('promises more than it tells', '"total_tokens"', '"total_tokens", "reasoning_tokens"'),
    pack('tells more than it promises', '"cached_tokens",', ''),
  ],
  'finished-last': [
    code(
      'is finished too early',
      "{type: 'usage', usage: this.#usage}]",
      "{type: 'usage', usage: this.#usage}, {type: 'finished'}]",
    ),
  ],
  'unknown-lines-kept': [code('throws lines away', "?? [{type: 'unparsed', line}]", '?? []')],
  'unknown-lines-harmless': [code('begins anew', '} catch {', '} catch {\n      this.#told = false')],
  'reader-never-throws': [
    code(
      'trusts an error',
      "isText(message.error) ? message.error : 'The agent gave no reason.'",
      "ok ? '' : message.error.trim()",
    ),
  ],
  'damaged-events-shape': [
    code('trusts a text', "isText(text) ? [{type: 'text', text}] : undefined", "[{type: 'text', text}]"),
  ],
  'reader-repeatable': [
    {
      ...code('invents ids', 'name: tool,', 'name: tool + Math.random(),'),
      also: ['readers-apart', 'unknown-lines-harmless'],
    },
  ],
  'readers-apart': [
    {
      flaw: 'keeps in the module what a reader has seen',
      edits: [
        ['class GoodReader {', 'let told = false\nclass GoodReader {'],
        ['this.turn = turn', 'this.turn = turn\n    told = false'],
        ['if (this.#told) return []', 'if (told) return []\n        told = true'],
      ],
    },
  ],
  'verdict-always': [
    code(
      'has nothing to say',
      "`The agent ended early (${signal ?? code ?? 'unknown'}). ${stderr}`.trim()",
      'stderr.trim()',
    ),
  ],
  'crash-is-no-success': [
    code('takes any answer', 'if (this.#end?.ok)', 'if (this.#end?.ok || this.#usage)'),
  ],
  'silence-is-no-success': [silentSuccess()],
  'state-is-data': [code('keeps a Map', 'state: {model}', 'state: {model, seen: new Map()}')],

  'stop-signal': [code('kills', "'SIGTERM'", "'SIGKILL'")],
  'settle-harmless': [
    code(
      'removes all',
      'async (_turn, verdict) => verdict',
      'async (_turn, verdict, files) => {\n    for (const path of await files.list()) await files.remove(path)\n    return verdict\n  }',
    ),
  ],
  'forget-harmless': [
    code(
      'takes a part of a name for the name',
      'async function forget({id}, files) {\n  const path = await fileOf(id, files)',
      'async function forget({id}, files) {\n  const path = (await files.list()).find((one) => one.includes(id))',
    ),
  ],
  'record-harmless': [
    code(
      'finds any conversation',
      'async function record({id}, files) {\n  const path = await fileOf(id, files)',
      'async function record({id}, files) {\n  const [path] = await files.list()',
    ),
  ],
  'tidy-harmless': [
    code(
      'removes all',
      'tidy: async () => {}',
      'tidy: async (_conversation, files) => {\n    for (const path of await files.list()) await files.remove(path)\n  }',
    ),
  ],
  'interactive-names-session': [code('goes on with the last', "['--resume', conversation.id,", "['--last',")],
  'delete-names-session': [code('deletes all', "['delete', '--', conversation.id]", "['delete', '--all']")],
  'probe-questions': [code('asks in one word', "args: ['--version']", "args: '--version'")],
  'probe-reads-anything': [
    code(
      'trusts the answer',
      'const [version] = /\\d+\\.\\d+\\.\\d+/.exec(stdout) ?? []',
      'const version = /\\d+\\.\\d+\\.\\d+/.exec(stdout)[0]',
    ),
  ],

  'same-in-pieces': [inRealTurn("return [{type: 'notice', message: 'slow'}]")],
  'line-ends': [inRealTurn("return [{type: 'notice', message: 'slow'}]")],
  'huge-line': [
    code('drops long lines', 'line(line) {', 'line(line) {\n    if (line.length > 1e6) return []'),
  ],
  'exit-before-output': [silentSuccess()],
  'exit-code-after-answer': [
    code(
      'forgets the answer',
      'if (this.#end?.ok)',
      "if (code > 0) return {outcome: 'failed', message: 'exit', content: ''}\n    if (this.#end?.ok)",
    ),
  ],
  'child-left-behind': [
    code('believes the last line', '} catch {', '} catch {\n      this.#end = undefined'),
  ],
  'stdin-unread': [largeInArguments()],
  'large-prompt-arrives': [largeInArguments()],
  'stderr-is-no-failure': [
    code(
      'takes every word for an error',
      'if (this.#end?.ok)',
      "if (this.#end?.ok && stderr !== '') return {outcome: 'failed', message: stderr}\n    if (this.#end?.ok)",
    ),
  ],
  'hang-is-ended': [lateSession("return [{type: 'finished'}]")],
}

function code(flaw: string, from: string, to: string): Broken {
  return {flaw, edits: [[from, to]]}
}

function pack(flaw: string, from: string, to: string): Broken {
  return {flaw, file: 'package.json', edits: [[from, to]]}
}

/** Does something in every plan. */
function inPlan(flaw: string, statement: string, name?: string, from?: string): Broken {
  const start = 'function plan(turn, host) {'
  const imports: (readonly [string, string])[] =
    name === undefined ? [] : [['export default {', `import {${name}} from '${from!}'\nexport default {`]]
  return {flaw, edits: [[start, `${start}\n  ${statement}`], ...imports]}
}

/** Tells the session no sooner than with something else. */
function lateSession(returned: string): Broken {
  return {
    flaw: 'tells its session late',
    edits: [
      [returned, returned.replace('[', '[...(this.hello?.splice(0) ?? []), ')],
      ["return [\n          {type: 'session'", "this.hello = [\n          {type: 'session'"],
      [
        "{type: 'state', state: {model}},\n        ]",
        "{type: 'state', state: {model}},\n        ]\n        return []",
      ],
    ],
  }
}

function silentSuccess(): Broken {
  return code(
    'takes silence for consent',
    'if (this.#end?.ok)',
    'if (this.#end?.ok || (code === 0 && !this.#told))',
  )
}

/** Behaves otherwise as soon as lines come one by one. */
function inRealTurn(statement: string): Broken {
  return {
    flaw: 'depends on when its lines come',
    edits: [
      ['this.turn = turn', 'this.turn = turn\n    setImmediate(() => (this.late = true))'],
      ['line(line) {', `line(line) {\n    if (this.late) ${statement}`],
    ],
  }
}

function largeInArguments(): Broken {
  return code(
    'gives a large prompt as an argument',
    '...turn.extra,',
    '...turn.extra, ...(turn.prompt.length > 1e5 ? [turn.prompt] : []),',
  )
}

/** A backend that lacks what most checks rely on: only these checks report it. */
export const WITHOUT_PREREQUISITES: readonly (Broken & {readonly failed: readonly string[]})[] = [
  {
    ...inPlan('throws in its plan', "throw new Error('not yet')"),
    failed: ['plan-never-throws', 'fixtures-as-expected'],
  },
  {
    ...code('promises its plan', 'function plan(turn, host) {', 'async function plan(turn, host) {'),
    failed: ['plan-shape', 'fixtures-as-expected'],
  },
]
