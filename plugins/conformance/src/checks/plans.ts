import type {Host, Invocation, Json, Turn} from 'clinvk-contract'
import {type Bench, expectValid, invocationOf, SCHEMA} from '../bench.js'
import {type Check, expectEqual, fail, quietly, show, skip, within} from '../check.js'
import {edgeCaseTurns, type NamedTurn, optionTurns, promisedTurns, turnsOfEveryMode} from '../turns.js'
import {HOST, MEGABYTE, OTHER_SESSION_ID, PLAIN, SESSION_ID} from '../turns.js'

/** A plan depends on the turn and the host alone, and does what was asked or refuses it. */
export const PLAN_CHECKS: readonly Check<Bench>[] = [
  {
    id: 'plan-valid',
    needs: 'module',
    title: 'Each turn gets a plan or a refusal as the contract says, whatever it contains.',
    fix: 'Return `{kind: "invocation", args, stdin}` with files below `host.scratch`, or `{kind: "refusal", option, reason}` with the flag that was given as `option` and a `reason` without a full stop.',
    async run(bench) {
      const turns = [...edgeCaseTurns(bench.descriptor), ...turnsOfEveryMode()]
      for (const host of HOSTS)
        for (const [name, turn] of turns)
          await within(name, () => {
            const plan = bench.plan(turn, host)
            expectValid(SCHEMA.answers.plan, plan, 'an invocation or a refusal')
            if (plan.kind === 'invocation') {
              for (const {path} of plan.files ?? [])
                if (!path.startsWith(`${host.scratch}/`) || path.includes('/../'))
                  fail(`files below ${host.scratch}`, path)
            } else if (plan.reason.endsWith('.')) fail('a reason without a full stop', plan.reason)
            else if (!/(?:^|\s)--?[a-z]|^a prompt|^resuming|^backends\./.test(plan.option))
              fail('the flag that is refused as `option`', plan.option)
          })
    },
  },
  {
    id: 'plan-pure',
    title:
      'The same turn gives the same plan in every environment, and planning changes neither turn nor host.',
    fix: 'Use what stands in `turn` and `host`; no random numbers, no `process.env`. Copy what you change: `[...turn.extra, "--json"]`.',
    run(bench) {
      for (const [name, part] of edgeCaseTurns(bench.descriptor)) {
        const turn = {...PLAIN, ...part}
        const given = structuredClone<[Turn, Host]>([turn, HOST])
        const [plan, other] = [{}, EVERY_VARIABLE].map((env) =>
          inEnvironment(env, () => quietly(() => bench.backend.plan(...given))),
        )
        expectEqual(given, [turn, HOST], `${name}: turn and host as they were`)
        expectEqual(other, plan, `${name}: the same plan`)
      }
    },
  },
  {
    id: 'old-state-harmless',
    title: 'A state that is missing, old or damaged stops no turn.',
    fix: 'Check the shape of `session.state` before you use it.',
    async run(bench) {
      if (!bench.capabilities.resume) skip('The agent does not resume.')
      for (const state of OLD_STATES) {
        const session = {kind: 'resume', id: SESSION_ID, state} as const
        await within(`a plan with the state ${show(state)}`, () => bench.plan({session}))
        for (const fixture of bench.successes)
          await within(`a reader with the state ${show(state)}`, () => bench.read(fixture, {turn: {session}}))
      }
    },
  },
  {
    id: 'options-honoured',
    title: 'What the descriptor promises and the user asks for reaches the agent; no two modes are the same.',
    fix: 'Give the agent the option that does it, or take it out of `capabilities`: an ignored limit is no limit.',
    run(bench) {
      const {approval = [], sandbox = []} = bench.capabilities
      for (const [name, part] of promisedTurns(bench.capabilities)) {
        const plan = quietly(() => bench.ownPlan(part))
        if (plan?.kind === 'refusal') fail(`a plan for ${name}`, `${plan.option}: ${plan.reason}`)
      }

      for (const [option, part] of everyOption(bench)) {
        const plan = quietly(() => bench.plan(part))
        if (plan?.kind !== 'invocation') continue
        const words = Object.values<unknown>(part.options ?? part).flat().map(String) // prettier-ignore
        const missing = words.find((word) => !planText(plan).includes(word))
        if (missing !== undefined) fail(`${option}: ${missing} in the plan`, plan.args)
      }

      const planOf = (part: Partial<Turn>) => JSON.stringify(quietly(() => bench.plan(part)))
      const plain = planOf({})
      const plans = new Map([[plain, 'a turn without it']])
      // `none` may be what the agent does anyway when nobody can answer.
      for (const mode of approval.filter((one) => one !== 'none'))
        if (planOf({approval: mode}) === plain) fail(`another plan for --approval-mode ${mode}`, plain)
      for (const mode of sandbox) {
        const plan = planOf({sandbox: mode})
        const same = plans.get(plan)
        if (same !== undefined) fail(`another plan for --sandbox-mode ${mode} than for ${same}`, plan)
        plans.set(plan, `--sandbox-mode ${mode}`)
      }
    },
  },
  {
    id: 'resume-names-session',
    title: 'A resumed turn tells the agent which conversation to resume.',
    fix: 'Put `turn.session.id` where the agent looks for it; a new turn must look different.',
    run(bench) {
      if (!bench.capabilities.resume) skip('The agent does not resume.')
      const planOf = planOfSession(bench)
      const resumed = planOf({kind: 'resume', id: OTHER_SESSION_ID})
      if (resumed === undefined) return
      if (!resumed.includes(OTHER_SESSION_ID)) fail(`the id ${OTHER_SESSION_ID} in the plan`, resumed)
      const fresh = planOf({kind: 'new', id: OTHER_SESSION_ID})
      const withState = planOf({kind: 'resume', id: OTHER_SESSION_ID, state: null})
      if (resumed === fresh && withState === fresh && !keepsState(bench))
        fail('another plan than for a new conversation of this id', resumed)
    },
  },
  {
    id: 'fork-names-session',
    title: 'A fork tells the agent which conversation to copy.',
    fix: 'Put `turn.session.id` where the agent looks for what it is to copy; a resumed turn must look different. For an agent that cannot fork, give `history.copy`.',
    run(bench) {
      if (!bench.capabilities.fork) skip('The agent does not fork.')
      if (bench.backend.history?.copy) skip('clinvk makes the copy, by `history.copy`.')
      const planOf = planOfSession(bench)
      const forked = planOf({kind: 'fork', id: OTHER_SESSION_ID, copy: SESSION_ID})
      if (forked === undefined) return
      const isInState = forked.includes(SESSION_ID) && keepsState(bench)
      if (!forked.includes(OTHER_SESSION_ID) && !isInState)
        fail(`the id ${OTHER_SESSION_ID} in the plan`, forked)
      if (forked === planOf({kind: 'resume', id: OTHER_SESSION_ID}))
        fail('another plan than for a resumed turn', forked)
    },
  },
  {
    id: 'prompt-whole',
    title:
      'A prompt reaches the agent unchanged, whatever it contains, and is not taken for an option; one of 1 MB fits.',
    fix: 'Use `stdin`; or put `--` before the prompt and set `limits.promptBytes` (Linux takes 131071 bytes an argument). A space may stand before it, so that the agent does not take it for a command.',
    run(bench) {
      for (const prompt of [...PROMPTS, longestPrompt(bench)]) {
        const plan = quietly(() => bench.plan({prompt}))
        if (!plan) continue
        const {args, env = {}, files = [], stdin} = invocationOf(plan)
        // An agent whose input is JSON gets it as a string of JSON.
        const forms = [prompt, JSON.stringify(prompt).slice(1, -1)]
        const places = [stdin, ...args, ...files.map(({content}) => content)]
        if (!places.some((place) => forms.some((form) => place.includes(form))))
          fail(`the prompt ${show(prompt)} in stdin, an argument or a file`, plan)
        const at = prompt.startsWith('-') ? args.findIndex((word) => word.startsWith(prompt)) : -1
        if (at !== -1 && !args.slice(0, at).includes('--'))
          fail(`${show(prompt)} behind \`--\`, or on stdin`, args)
        const sizes = [...args, ...Object.values(env)].map((word) => Buffer.byteLength(word ?? ''))
        const bytes = Math.max(...sizes)
        if (bytes > MAX_ARGUMENT_BYTES)
          fail(`arguments of at most ${MAX_ARGUMENT_BYTES} bytes`, `one of ${bytes}`)
      }
    },
  },
]

function planOfSession(bench: Bench): (session: Turn['session']) => string | undefined {
  return (session) => {
    const plan = quietly(() => bench.plan({session}))
    return plan && planText(invocationOf(plan))
  }
}

function planText({args, env = {}, files = [], stdin}: Invocation): string {
  return [...args, stdin, ...Object.values(env), ...files.map(({content}) => content)].join('\n')
}

/** The options of every backend that this one promises, and its own. */
function everyOption({capabilities, descriptor}: Bench): readonly NamedTurn[] {
  const own = Object.entries(descriptor.options ?? {})
    .filter(([, {type, values}]) => type === 'integer' || (type === 'string' && values === undefined))
    .map(([name, {type}]): NamedTurn => [
      `backends.<name>.${name}`,
      {options: {[name]: type === 'integer' ? 4711 : 'word-of-the-user'}},
    ])
  return [
    ['--model', {model: 'word-of-the-user'}],
    ['--extra', {extra: ['--strange-option', 'strange-value']}],
    ...optionTurns(capabilities),
    ...own,
  ]
}

/** Whether the plan depends on a state alone, as that of echo, which counts its turns. */
function keepsState(bench: Bench): boolean {
  return bench.fixtures.some((fixture) =>
    quietly(() => bench.read(fixture))?.events.some(({type}) => type === 'state'),
  )
}

/** 1 MB, or what the agent takes. */
function longestPrompt({descriptor: {limits = {}}}: Bench): string {
  const {promptBytes = Infinity, promptCharacters = Infinity, promptUnits = Infinity} = limits
  return MEGABYTE.slice(0, Math.floor(Math.min(promptBytes / 1.1, promptCharacters, promptUnits)))
}

function inEnvironment<T>(env: NodeJS.ProcessEnv, task: () => T): T {
  const real = process.env
  process.env = env
  try {
    return task()
  } finally {
    process.env = real
  }
}

const EVERY_VARIABLE = new Proxy<NodeJS.ProcessEnv>(
  {},
  {get: (_env, name) => (typeof name === 'string' ? 'x' : undefined), has: () => true},
)
const HOSTS: readonly Host[] = [
  HOST,
  {...HOST, isRoot: true},
  {...HOST, env: {}, scratch: '/elsewhere'},
  {...HOST, platform: 'win32'},
]
const OLD_STATES: readonly Json[] = [
  null, 'x', 0, false, [], {}, {turns: 'x', total: null, id: []}, [[null]],
] // prettier-ignore
// prettier-ignore
const PROMPTS = [
  '-v', '--help', '- a list item\n- another', '--prompt=x', '/help me with this', '/cost', '@file.txt and #tag !ls',
  `It's "quoted" \\ $(id) \`id\` $HOME %PATH% ; rm -rf x | cat > y & *`,
  ' begins and ends with blanks ',
  'two\nlines\r\nand a tab\t.\n\nEnd.\n',
  'emoji 👩‍👩‍👧‍👦 and accents é e\u0301 and 漢字',
  '{"type":"user","text":"json"}', 'true', '0',
]
const MAX_ARGUMENT_BYTES = 131_071
