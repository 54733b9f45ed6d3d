import type {Descriptor, Host, Invocation, Turn} from '../../contract.js'
import {refusalByDescriptor} from '../../turn/refuse.js'
import {type Bench, invocationOf, unlessForbidden} from '../bench.js'
import {HOST, OTHER_SESSION_ID, SESSION_ID} from '../invented.js'
import {type Check, CheckFailed, expectThat, notApplicable, show} from '../check.js'
import {inAnotherWorld} from '../another-world.js'
import {flawOfPlan} from '../shapes.js'
import {isForbidden} from '../guard.js'
import {planText} from '../plan-text.js'

export const PLAN_CHECKS: readonly Check<Bench>[] = [
  {
    id: 'plan-never-throws',
    title: 'Each turn gets a plan or a refusal, whatever stands in it.',
    fix: 'Return a refusal for what the agent cannot do: `{kind: "refusal", option, reason}`.',
    run(bench) {
      for (const [what, turn] of hardTurns(bench)) {
        for (const host of [HOST, {...HOST, isRoot: true}, {...HOST, env: {}}, {...HOST, platform: 'win32'}])
          attempt(what, () => bench.plan(turn, host))
      }
    },
  },
  {
    id: 'plan-shape',
    title: 'A plan has arguments, standard input and environment as the contract says.',
    fix: 'Return `{kind: "invocation", args, stdin}` with texts only; leave out a variable or set it to undefined.',
    run(bench) {
      for (const [what, turn] of hardTurns(bench)) {
        const plan = attemptOrNothing(() => bench.plan(turn))
        const flaw = plan && flawOfPlan(plan)
        expectThat(flaw === undefined, `an invocation or a refusal for ${what}`, `It ${flaw ?? ''}`)
      }
    },
  },
  {
    id: 'plan-repeatable',
    title: 'The same turn gives the same plan, at another time and in another environment.',
    fix: 'Use what stands in `turn` and `host`; no clock, no random numbers, no `process.env`.',
    run(bench) {
      for (const [what, turn] of hardTurns(bench)) {
        const [first, again] = [false, true].map((other) =>
          attemptOrNothing(() => (other ? inAnotherWorld(() => bench.plan(turn)) : bench.plan(turn))),
        )
        const same = JSON.stringify(first) === JSON.stringify(again)
        expectThat(same, `the same plan for ${what}: ${show(first)}`, show(again))
      }
    },
  },
  {
    id: 'plan-leaves-turn',
    title: 'Planning changes neither the turn nor the host.',
    fix: 'Copy what you change: `[...turn.extra, "--json"]`.',
    run(bench) {
      for (const [what, turn] of hardTurns(bench)) {
        const host = structuredClone<Host>(HOST)
        const before = JSON.stringify([turn, host])
        attemptOrNothing(() => bench.plan(turn, host))
        expectThat(before === JSON.stringify([turn, host]), `${what} as it was`, show([turn, host]))
      }
    },
  },
  {
    id: 'plan-files-in-scratch',
    title: 'Files of a plan lie in the scratch directory of the turn.',
    fix: 'Build their paths with `${host.scratch}/name`; everything there is removed after the turn.',
    run(bench) {
      for (const [what, turn] of hardTurns(bench)) {
        for (const scratch of ['/scratch', '/elsewhere']) {
          const plan = attemptOrNothing(() => bench.plan(turn, {...HOST, scratch}))
          const files = plan?.kind === 'invocation' ? (plan.files ?? []) : []
          const outside = files.find(({path}) => !path.startsWith(`${scratch}/`) || path.includes('/../'))
          expectThat(outside === undefined, `files below ${scratch} for ${what}`, show(outside?.path))
        }
      }
    },
  },
  {
    id: 'refusals-explain',
    title: 'A refusal names the option as the user wrote it, and the reason.',
    fix: 'Set `option` to the flag (`--sandbox-mode full`) and `reason` to a phrase without a full stop: clinvk adds it.',
    run(bench) {
      const turns = [...hardTurns(bench), ...everyMode(bench)]
      for (const isRoot of [false, true]) {
        for (const [what, turn] of turns) {
          const plan = attemptOrNothing(() => bench.plan(turn, {...HOST, isRoot}))
          if (plan?.kind !== 'refusal') continue
          const {instead, option, reason} = plan
          for (const text of [option, reason, ...(instead === undefined ? [] : [instead])])
            expectThat(
              typeof text === 'string' && text.trim() !== '',
              `words in the refusal of ${what}`,
              show(plan),
            )
          expectThat(!reason.endsWith('.'), 'a reason without a full stop', show(reason))
          const isNamed = /(?:^|\s)--?[a-z]|^a prompt|^resuming|^backends\./.test(option)
          expectThat(isNamed, `the flag that asked for ${what}`, show(option))
        }
      }
    },
  },
  {
    id: 'promises-not-refused',
    title: 'What the descriptor promises is not refused.',
    fix: 'Take it out of `capabilities`, or do it.',
    run(bench) {
      for (const [what, turn] of promised(bench.entry.descriptor, bench)) {
        const plan = attemptOrNothing(() => bench.ownPlan(turn))
        if (plan?.kind === 'refusal')
          throw new CheckFailed(`${what} is done`, `${plan.option}: ${plan.reason}`)
      }
    },
  },
  {
    id: 'options-not-dropped',
    title: 'What the user asked for reaches the agent, or is refused.',
    fix: 'Put it on the command line, or return a refusal that names the option.',
    run(bench) {
      for (const [what, part, words] of asked(bench)) {
        const turn = bench.turn(part)
        const plan = attemptOrNothing(() => bench.plan(turn))
        if (plan?.kind !== 'invocation') continue
        const text = planText(plan)
        const missing = words.find((word) => !text.includes(word))
        expectThat(
          missing === undefined,
          `${what} in the plan`,
          `${show(missing)} is not in ${show(plan.args)}`,
        )
      }
    },
  },
  {
    id: 'modes-differ',
    title: 'Each approval and sandbox mode that is promised makes a difference, and no two are the same.',
    fix: 'Give the agent the option that does it, or take the mode out of `capabilities`: a limit that is ignored in silence is none.',
    run(bench) {
      const {approval = [], sandbox = []} = bench.entry.descriptor.capabilities
      const modes = [
        // `none` may be what a headless agent does anyway.
        ...approval
          .filter((mode) => mode !== 'none')
          .map((mode) => [`--approval-mode ${mode}`, {approval: mode}] as const),
        ...sandbox.map((mode) => [`--sandbox-mode ${mode}`, {sandbox: mode}] as const),
      ]
      if (modes.length === 0) return notApplicable('The agent has no such modes.')
      const plain = JSON.stringify(attemptOrNothing(() => bench.plan(bench.turn())))
      const seen = new Map<string, string>()
      for (const [option, part] of modes) {
        const plan = JSON.stringify(attemptOrNothing(() => bench.plan(bench.turn(part))))
        expectThat(
          plan !== plain,
          `${option} changes the plan`,
          `It is the plan of a turn without it: ${plan}`,
        )
        const twin = option.startsWith('--sandbox') ? seen.get(plan) : undefined
        expectThat(twin === undefined, `another plan for ${option} than for ${twin}`, plan)
        if (option.startsWith('--sandbox')) seen.set(plan, option)
      }

      return undefined
    },
  },
  {
    id: 'resume-names-session',
    title: 'A resumed turn tells the agent which conversation goes on.',
    fix: 'Put `turn.session.id` where the agent looks for it; a new turn must look different.',
    run(bench) {
      if (!bench.entry.descriptor.capabilities.resume) return notApplicable('The agent does not resume.')
      const planOf = (session: Turn['session']) => {
        const plan = attemptOrNothing(() => bench.plan(bench.turn({session})))
        return plan && planText(invocationOf(plan, 'A resumed turn'))
      }

      const resumed = planOf({kind: 'resume', id: OTHER_SESSION_ID})
      if (resumed === undefined) return undefined
      expectThat(resumed.includes(OTHER_SESSION_ID), `the id ${OTHER_SESSION_ID} in the plan`, show(resumed))
      const fresh = planOf({kind: 'new', id: OTHER_SESSION_ID})
      const withState = planOf({kind: 'resume', id: OTHER_SESSION_ID, state: null})
      const differs = resumed !== fresh || withState !== fresh || keepsState(bench)
      expectThat(differs, 'another plan than for a new conversation of this id', show(resumed))
      return undefined
    },
  },
  {
    id: 'prompt-whole',
    title: 'A prompt reaches the agent as it is: quotes, line breaks, dashes, slashes, emoji.',
    fix: 'Pass it on unchanged by `stdin`. What must stand before it, so that the agent takes it for text, may be a space.',
    run(bench) {
      for (const prompt of PROMPTS) {
        const plan = attemptOrNothing(() => bench.plan(bench.turn({prompt})))
        if (!plan) continue
        const invocation = invocationOf(plan, `The prompt ${show(prompt)}`)
        const found = carriersOf(invocation, prompt).length > 0
        expectThat(
          found,
          `the prompt ${show(prompt)} whole in stdin, an argument or a file`,
          show(invocation),
        )
      }
    },
  },
  {
    id: 'prompt-no-option',
    title: 'A prompt that begins with a dash cannot be taken for an option.',
    fix: 'Use `stdin`; or put `--` before the prompt, or write `--prompt=…` in one word.',
    run(bench) {
      for (const prompt of PROMPTS.filter((text) => text.startsWith('-'))) {
        const plan = attemptOrNothing(() => bench.plan(bench.turn({prompt})))
        if (plan?.kind !== 'invocation') continue
        const at = plan.args.findIndex((word) => word.startsWith(prompt))
        const isSafe = at === -1 || plan.args.slice(0, at).includes('--')
        expectThat(isSafe, `${show(prompt)} behind \`--\`, or on stdin`, show(plan.args))
      }
    },
  },
  {
    id: 'prompt-fits',
    title: 'A prompt of 1 MB is within what the system takes, or above a limit that the descriptor tells.',
    fix: 'Use `stdin`; or set `limits.promptBytes` (Linux takes 131071 bytes an argument).',
    run(bench) {
      const turn = bench.turn({prompt: MEGABYTE})
      const plan = attemptOrNothing(() => bench.plan(turn))
      if (!plan) return
      if (plan.kind === 'refusal') {
        const byDescriptor = refusalByDescriptor(bench.entry.descriptor, turn) !== undefined
        expectThat(byDescriptor, '`limits` in the descriptor, so that it is known before', show(plan))
        return
      }

      const sizes = [...plan.args, ...Object.values(plan.env ?? {})].map((word) =>
        Buffer.byteLength(word ?? ''),
      )
      const largest = Math.max(0, ...sizes)
      expectThat(
        largest <= LONGEST_ARGUMENT,
        `arguments of at most ${LONGEST_ARGUMENT} bytes`,
        `one of ${largest}`,
      )
    },
  },
  {
    id: 'old-state-harmless',
    title: 'A state that is missing, old or damaged stops no turn.',
    fix: 'Check the shape of `session.state` before you use it.',
    run(bench) {
      if (!bench.entry.descriptor.capabilities.resume) return notApplicable('The agent does not resume.')
      for (const state of [null, 'x', 0, false, [], {}, {turns: 'x', total: null, id: []}, [[null]]]) {
        const session = {kind: 'resume', id: SESSION_ID, state} as const
        attempt(`a state ${show(state)}`, () => bench.plan(bench.turn({session})))
        for (const fixture of bench.successes)
          attempt(`a reader with a state ${show(state)}`, () => bench.read(fixture, {turn: {session}}))
      }

      return undefined
    },
  },
]

function attempt<T>(what: string, task: () => T): T | undefined {
  try {
    return task()
  } catch (error) {
    if (isForbidden(error)) return undefined
    throw new CheckFailed(`no error for ${what}`, String(error))
  }
}

/** For checks of something else than errors, which have a check of their own. */
export function attemptOrNothing<T>(task: () => T): T | undefined {
  try {
    return task()
  } catch {
    return undefined
  }
}

/** What of an invocation carries this text whole. */
function carriersOf({args, files = [], stdin}: Invocation, text: string): string[] {
  // An agent whose input is JSON gets it as a string of JSON.
  const forms = [text, JSON.stringify(text).slice(1, -1)]
  return [stdin, ...args, ...files.map(({content}) => content)].filter((place) =>
    forms.some((form) => place.includes(form)),
  )
}

/** Turns that are hard on a plan, named as the object of a sentence. */
export function hardTurns(bench: Bench): (readonly [string, Turn])[] {
  const {capabilities, options = {}} = bench.entry.descriptor
  const all = promised(bench.entry.descriptor, bench)
  return [
    ['a plain turn', bench.turn()],
    ...all,
    ['paths with blanks, quotes and line breaks', bench.turn({
      cwd: '/home/ada/a "b"\n$(c)',
      ...(capabilities.addDirs ? {addDirs: ['/tmp/a, b', "/tmp/it's\n", '/tmp/-c']} : {}),
    })],
    ['words of --extra', bench.turn({extra: ['--strange', '--', '-x=1', '', '*']})],
    ['an empty system prompt', bench.turn(capabilities.systemPrompt ? {systemPrompt: ''} : {})],
    ['a system prompt of 1 MB', bench.turn(capabilities.systemPrompt ? {systemPrompt: MEGABYTE} : {})],
    ['options of another type', bench.turn({
      options: Object.fromEntries(Object.entries(options).map(([name, {type, values}]) => [name, type === 'list' ? ['a b', '-c'] : type === 'boolean' ? true : type === 'integer' ? 0 : (values?.[0] ?? '-x')])),
    })],
  ] // prettier-ignore
}

/** A turn for each thing that the descriptor promises. */
function promised({capabilities}: Descriptor, bench: Bench): (readonly [string, Turn])[] {
  const {
    addDirs,
    allowedTools,
    approval = [],
    ephemeral,
    maxTurns,
    resume,
    sandbox = [],
    systemPrompt,
  } = capabilities
  const cases: (readonly [string, Partial<Turn>] | false | undefined)[] = [
    ...approval
      .filter((mode) => mode !== 'always')
      .map((mode) => [`--approval-mode ${mode}`, {approval: mode}] as const),
    ...sandbox.map((mode) => [`--sandbox-mode ${mode}`, {sandbox: mode}] as const),
    resume && ['a resumed turn', {session: {kind: 'resume', id: OTHER_SESSION_ID}}],
    ephemeral && ['--ephemeral', {session: {kind: 'ephemeral', id: SESSION_ID}}],
    systemPrompt && ['--system-prompt', {systemPrompt: 'Be brief.'}],
    maxTurns && ['--max-turns', {maxTurns: 3}],
    allowedTools && ['--allowed-tools', {allowedTools: ['Read']}],
    addDirs && ['--add-dir', {addDirs: ['/home/ada/other']}],
  ]
  return cases.filter((one) => !!one).map(([what, part]) => [what, bench.turn(part)])
}

function everyMode(bench: Bench): (readonly [string, Turn])[] {
  const approvals = ['default', 'auto', 'none', 'always'] as const
  const sandboxes = ['default', 'read-only', 'workspace', 'full'] as const
  return approvals.flatMap((approval) =>
    sandboxes.map(
      (sandbox) =>
        [`--approval-mode ${approval} --sandbox-mode ${sandbox}`, bench.turn({approval, sandbox})] as const,
    ),
  )
}

/** Options with the words that must be found in the plan. */
function asked(bench: Bench): [string, Partial<Turn>, string[]][] {
  const {descriptor} = bench.entry
  const {addDirs, allowedTools, maxTurns, systemPrompt} = descriptor.capabilities
  const cases: ([string, Partial<Turn>, string[]] | false | undefined)[] = [
    ['--model', {model: 'model-of-the-user'}, ['model-of-the-user']],
    ['--extra', {extra: ['--strange-option', 'strange-value']}, ['--strange-option', 'strange-value']],
    addDirs && [
      '--add-dir',
      {addDirs: ['/home/ada/one', '/home/ada/two']},
      ['/home/ada/one', '/home/ada/two'],
    ],
    allowedTools && [
      '--allowed-tools',
      {allowedTools: ['FirstTool', 'SecondTool']},
      ['FirstTool', 'SecondTool'],
    ],
    systemPrompt && ['--system-prompt', {systemPrompt: 'Answer like a pirate.'}, ['Answer like a pirate.']],
    maxTurns && ['--max-turns', {maxTurns: 4711}, ['4711']],
    ...Object.entries(descriptor.options ?? {})
      .filter(([, {type, values}]) => type === 'integer' || (type === 'string' && values === undefined))
      .map(([name, {type}]): [string, Partial<Turn>, string[]] => [
        `backends.<name>.${name}`,
        {options: {[name]: type === 'integer' ? 4711 : 'word-of-the-user'}},
        [type === 'integer' ? '4711' : 'word-of-the-user'],
      ]),
  ]
  return cases.filter((one) => !!one)
}

/** A backend that puts nothing but the state on the command line: echo's number of the turn. */
function keepsState(bench: Bench): boolean {
  return bench.fixtures.some((fixture) =>
    (unlessForbidden(() => attemptOrNothing(() => bench.read(fixture)))?.events ?? []).some(
      ({type}) => type === 'state',
    ),
  )
}

export const MEGABYTE = `- "quoted" 'single' $(id) \`id\` \\ /slash 😀 é\n`.repeat(22_000)

const PROMPTS = [
  '-v',
  '--help',
  '- a list item\n- another',
  '--prompt=x',
  '/help me with this',
  '/cost',
  '@file.txt and #tag !ls',
  `It's "quoted" \\ $(id) \`id\` $HOME %PATH% ; rm -rf x | cat > y & *`,
  ' begins and ends with blanks ',
  'two\nlines\r\nand a tab\t.\n\nEnd.\n',
  'emoji 👩‍👩‍👧‍👦 and accents é e\u0301 and 漢字',
  '{"type":"user","text":"json"}',
  'true',
  '0',
]
const LONGEST_ARGUMENT = 131_071
