import type {Turn} from 'clinvk-contract'
import {attemptOrNothing} from '../attempt.js'
import {type Bench, invocationOf, unlessForbidden} from '../bench.js'
import {type Check, CheckFailed, expectThat, notApplicable, show} from '../check.js'
import {hardTurns, promised} from '../hard-turns.js'
import {HOST, OTHER_SESSION_ID} from '../invented.js'
import {planText} from '../plan-text.js'

/** What the user asked for is done, or refused in words. */
export const OPTION_CHECKS: readonly Check<Bench>[] = [
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
]

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
