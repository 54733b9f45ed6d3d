import type {Host, Invocation, Json, Turn} from 'clinvk-contract'
import {refusalByDescriptor} from 'clinvk-kit/turn/refuse'
import {type Bench, expectValid, invocationOf, SCHEMA} from '../bench.js'
import {type Check, CheckFailed, fail, isForbidden, notApplicable, quietly, show} from '../check.js'
import {
  edgeCaseTurns,
  HOST,
  MEGABYTE,
  OTHER_SESSION_ID,
  PLAIN,
  promisedTurns,
  SESSION_ID,
  turnsOfEveryMode,
  turnsWithOptions,
} from '../edge-case-turns.js'
import {withFakeGlobals} from '../fake-globals.js'

/** A plan depends on the turn and the host alone, and does what was asked or refuses it. */
export const PLAN_CHECKS: readonly Check<Bench>[] = [
  {
    id: 'plan-never-throws',
    title: 'Each turn gets a plan or a refusal, whatever it contains.',
    fix: 'Return a refusal for what the agent cannot do: `{kind: "refusal", option, reason}`.',
    run(bench) {
      for (const [name, turn] of edgeCaseTurns(bench.entry.descriptor))
        for (const part of [{}, {isRoot: true}, {env: {}}, {platform: 'win32'}])
          withoutError(name, () => bench.plan(turn, {...HOST, ...part}))
    },
  },
  {
    id: 'plan-shape',
    title: 'A plan has arguments, standard input and environment as the contract says.',
    fix: 'Return `{kind: "invocation", args, stdin}` with texts only; leave out a variable or set it to undefined.',
    run(bench) {
      bench.eachPlan((plan) => expectValid(SCHEMA.answers.plan, plan, 'an invocation or a refusal'))
    },
  },
  {
    id: 'plan-repeatable',
    title: 'The same turn gives the same plan, at another time and in another environment.',
    fix: 'Use what stands in `turn` and `host`; no clock, no random numbers, no `process.env`.',
    run(bench) {
      bench.eachPlan((plan, turn) => {
        for (const globals of OTHER_GLOBALS) {
          const other = quietly(() => withFakeGlobals(globals, () => bench.plan(turn)))
          if (JSON.stringify(plan) !== JSON.stringify(other))
            fail(`the same plan: ${show(plan)}`, show(other))
        }
      })
    },
  },
  {
    id: 'plan-leaves-turn',
    title: 'Planning changes neither the turn nor the host.',
    fix: 'Copy what you change: `[...turn.extra, "--json"]`.',
    run(bench) {
      bench.eachPlan((_plan, turn) => {
        const given = structuredClone<[Turn, Host]>([turn, HOST])
        quietly(() => bench.guard.watch('plan', () => bench.backend.plan(...given)))
        const before = JSON.stringify([turn, HOST])
        if (JSON.stringify(given) !== before) fail(`turn and host as they were: ${show([turn, HOST])}`, given)
      })
    },
  },
  {
    id: 'plan-files-in-scratch',
    title: 'Files of a plan lie in the scratch directory of the turn.',
    fix: 'Build their paths with `${host.scratch}/name`; everything there is removed after the turn.',
    run(bench) {
      for (const scratch of ['/scratch', '/elsewhere'])
        bench.eachPlan(
          (plan) => {
            for (const {path} of (plan.kind === 'invocation' && plan.files) || [])
              if (!path.startsWith(`${scratch}/`) || path.includes('/../'))
                fail(`files below ${scratch}`, path)
          },
          {...HOST, scratch},
        )
    },
  },
  {
    id: 'old-state-harmless',
    title: 'A state that is missing, old or damaged stops no turn.',
    fix: 'Check the shape of `session.state` before you use it.',
    run(bench) {
      if (!bench.capabilities.resume) return notApplicable('The agent does not resume.')
      for (const state of OLD_STATES) {
        const session = {kind: 'resume', id: SESSION_ID, state} as const
        withoutError(`a state ${show(state)}`, () => bench.plan({session}))
        for (const fixture of bench.successes)
          withoutError(`a reader with a state ${show(state)}`, () => bench.read(fixture, {turn: {session}}))
      }

      return undefined
    },
  },
  {
    id: 'refusals-explain',
    title: 'A refusal names the option as the user wrote it, and the reason.',
    fix: 'Set `option` to the flag (`--sandbox-mode full`) and `reason` to a phrase without a full stop: clinvk adds it.',
    run(bench) {
      for (const isRoot of [false, true]) {
        for (const [name, turn] of [...edgeCaseTurns(bench.entry.descriptor), ...turnsOfEveryMode()]) {
          const plan = quietly(() => bench.plan(turn, {...HOST, isRoot}))
          if (plan?.kind !== 'refusal') continue
          expectValid(SCHEMA.answers.plan, plan, `a refusal of ${name}`)
          if (plan.reason.endsWith('.')) fail('a reason without a full stop', plan.reason)
          if (!/(?:^|\s)--?[a-z]|^a prompt|^resuming|^backends\./.test(plan.option))
            fail(`the flag that asked for ${name}`, plan.option)
        }
      }
    },
  },
  {
    id: 'promises-not-refused',
    title: 'What the descriptor promises is not refused.',
    fix: 'Take it out of `capabilities`, or do it.',
    run(bench) {
      for (const [name, turn] of promisedTurns(bench.capabilities)) {
        const plan = quietly(() => bench.ownPlan(turn))
        if (plan?.kind === 'refusal') fail(`a plan for ${name}`, `${plan.option}: ${plan.reason}`)
      }
    },
  },
  {
    id: 'options-not-dropped',
    title: 'What the user asked for reaches the agent, or is refused.',
    fix: 'Put it on the command line, or return a refusal that names the option.',
    run(bench) {
      for (const [option, part] of everyOption(bench)) {
        const plan = quietly(() => bench.plan(part))
        if (plan?.kind !== 'invocation') continue
        const words = Object.values<unknown>(part.options ?? part)
          .flat()
          .map(String)
        const missing = words.find((word) => !planText(plan).includes(word))
        if (missing !== undefined) fail(`${option}: ${missing} in the plan`, plan.args)
      }
    },
  },
  {
    id: 'modes-differ',
    title: 'Each approval and sandbox mode that is promised changes the plan, and no two are the same.',
    fix: 'Give the agent the option that does it, or take the mode out of `capabilities`: an ignored limit is no limit.',
    run(bench) {
      const {approval = [], sandbox = []} = bench.capabilities
      const planOf = (part: Partial<Turn>) => JSON.stringify(quietly(() => bench.plan(part)))
      const plain = JSON.stringify(bench.plan({}))
      const plans = new Map([[plain, 'a turn without it']])
      // `none` may be what the agent does anyway when nobody can answer.
      const changing = approval.filter((mode) => mode !== 'none')
      for (const mode of changing)
        if (plans.has(planOf({approval: mode}))) fail(`another plan for --approval-mode ${mode}`, plain)
      for (const mode of sandbox) {
        const plan = planOf({sandbox: mode})
        const same = plans.get(plan)
        if (same !== undefined) fail(`another plan for --sandbox-mode ${mode} than for ${same}`, plan)
        plans.set(plan, `--sandbox-mode ${mode}`)
      }

      return changing.length + sandbox.length === 0
        ? notApplicable('The agent has no such modes.')
        : undefined
    },
  },
  {
    id: 'resume-names-session',
    title: 'A resumed turn tells the agent which conversation to resume.',
    fix: 'Put `turn.session.id` where the agent looks for it; a new turn must look different.',
    run(bench) {
      if (!bench.capabilities.resume) return notApplicable('The agent does not resume.')
      const planOf = (session: Turn['session']) => {
        const plan = quietly(() => bench.plan({session}))
        return plan && planText(invocationOf(plan))
      }

      const resumed = planOf({kind: 'resume', id: OTHER_SESSION_ID})
      if (resumed === undefined) return undefined
      if (!resumed.includes(OTHER_SESSION_ID)) fail(`the id ${OTHER_SESSION_ID} in the plan`, resumed)
      const fresh = planOf({kind: 'new', id: OTHER_SESSION_ID})
      const withState = planOf({kind: 'resume', id: OTHER_SESSION_ID, state: null})
      if (resumed === fresh && withState === fresh && !keepsState(bench))
        fail('another plan than for a new conversation of this id', resumed)
      return undefined
    },
  },
  {
    id: 'prompt-whole',
    title: 'A prompt reaches the agent unchanged: quotes, line breaks, dashes, slashes, emoji.',
    fix: 'Pass it on by `stdin`. A space may stand before it, so that the agent does not take it for a command.',
    run(bench) {
      for (const prompt of PROMPTS) {
        const plan = quietly(() => bench.plan({prompt}))
        if (!plan) continue
        const {args, files = [], stdin} = invocationOf(plan)
        // An agent whose input is JSON gets it as a string of JSON.
        const forms = [prompt, JSON.stringify(prompt).slice(1, -1)]
        const places = [stdin, ...args, ...files.map(({content}) => content)]
        if (!places.some((place) => forms.some((form) => place.includes(form))))
          fail(`the prompt ${show(prompt)} in stdin, an argument or a file`, plan)
      }
    },
  },
  {
    id: 'prompt-no-option',
    title: 'A prompt that begins with a dash cannot be taken for an option.',
    fix: 'Use `stdin`; or put `--` before the prompt, or write `--prompt=…` in one word.',
    run(bench) {
      for (const prompt of PROMPTS.filter((text) => text.startsWith('-'))) {
        const plan = quietly(() => bench.plan({prompt}))
        if (plan?.kind !== 'invocation') continue
        const at = plan.args.findIndex((word) => word.startsWith(prompt))
        if (at !== -1 && !plan.args.slice(0, at).includes('--'))
          fail(`${show(prompt)} behind \`--\`, or on stdin`, plan.args)
      }
    },
  },
  {
    id: 'prompt-fits',
    title: 'A prompt of 1 MB is short enough for the system, or above a limit in the descriptor.',
    fix: 'Use `stdin`; or set `limits.promptBytes` (Linux takes 131071 bytes an argument).',
    run(bench) {
      const turn = {...PLAIN, prompt: MEGABYTE}
      const plan = quietly(() => bench.ownPlan(turn))
      if (!plan || refusalByDescriptor(bench.entry.descriptor, turn)) return
      if (plan.kind === 'refusal') fail('`limits` in the descriptor, so that it is known before', plan)
      for (const word of [...plan.args, ...Object.values(plan.env ?? {})]) {
        const bytes = Buffer.byteLength(word ?? '')
        if (bytes > MAX_ARGUMENT_BYTES)
          fail(`arguments of at most ${MAX_ARGUMENT_BYTES} bytes`, `one of ${bytes}`)
      }
    },
  },
]

function withoutError(what: string, task: () => unknown): void {
  try {
    task()
  } catch (error) {
    if (!isForbidden(error)) throw new CheckFailed(`no error for ${what}`, String(error))
  }
}

/** Everything that the agent is given, as one text. */
function planText({args, env = {}, files = [], stdin}: Invocation): string {
  return [...args, stdin, ...Object.values(env), ...files.map(({content}) => content)].join('\n')
}

/** The options of every backend that this one promises, and its own. */
function everyOption({capabilities, entry}: Bench): readonly (readonly [string, Partial<Turn>])[] {
  const own = Object.entries(entry.descriptor.options ?? {})
    .filter(([, {type, values}]) => type === 'integer' || (type === 'string' && values === undefined))
    .map(([name, {type}]): [string, Partial<Turn>] => [
      `backends.<name>.${name}`,
      {options: {[name]: type === 'integer' ? 4711 : 'word-of-the-user'}},
    ])
  return [...turnsWithOptions(capabilities), ...own]
}

/** Whether the plan depends on a state alone, as that of echo, which counts its turns. */
function keepsState(bench: Bench): boolean {
  return bench.fixtures.some((fixture) =>
    quietly(() => bench.read(fixture))?.events.some(({type}) => type === 'state'),
  )
}

/** Two, since a variable of the first may be set where the check runs: CI is, on a CI machine. */
const OTHER_GLOBALS = [
  {
    now: Date.UTC(2038, 0, 1),
    random: () => 0.123,
    env: {HOME: '/elsewhere', PATH: '/elsewhere/bin', USER: 'bob', CI: '1', DEBUG: '*', CLINVK_OTHER: '1'},
  },
  {now: 0, env: {}},
]
const OLD_STATES: readonly Json[] = [
  null, 'x', 0, false, [], {}, {turns: 'x', total: null, id: []}, [[null]],
] // prettier-ignore
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
const MAX_ARGUMENT_BYTES = 131_071
