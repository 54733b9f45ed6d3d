import type {Ask, Capabilities, Descriptor, Host, Turn} from 'clinvk-contract'
import {TURN_OPTIONS, type TurnOption} from 'clinvk-kit/turn/request'

export const SESSION_ID = '0c6e1a52-7a41-4d53-9f0e-2b8f7a9d3c11'
export const OTHER_SESSION_ID = '5b1c0d9e-36f2-4b8a-8d17-c40fe2a96b35'

export const HOST: Host = {
  platform: 'linux',
  isRoot: false,
  env: {HOME: '/home/ada', PATH: '/usr/bin:/bin', LANG: 'C.UTF-8'},
  scratch: '/scratch',
}

/** The agent is not installed. */
export const NO_ANSWER: Ask = () => Promise.resolve(undefined)

/** A turn without options. */
export const PLAIN: Turn = {
  prompt: 'Say hello.',
  cwd: '/home/ada/project',
  session: {kind: 'new', id: SESSION_ID},
  approval: 'default',
  sandbox: 'default',
  allowedTools: [],
  addDirs: [],
  extra: [],
}

export type NamedTurn = readonly [name: string, part: Partial<Turn>]

export function edgeCaseTurns({capabilities, options = {}}: Descriptor): NamedTurn[] {
  const {addDirs, systemPrompt} = capabilities
  const valueOf = {list: ['a b', '-c'], boolean: true, integer: 0, string: '-x'}
  const values = Object.entries(options).map(([name, option]) => [
    name,
    option.values?.[0] ?? valueOf[option.type],
  ])
  const paths = {
    cwd: '/home/ada/a "b"\n$(c)',
    addDirs: addDirs ? ['/tmp/a, b', "/tmp/it's\n", '/tmp/-c'] : [],
  }
  return [
    ['a plain turn', {}],
    ...promisedTurns(capabilities),
    ['paths with blanks, quotes and line breaks', paths],
    ['words of --extra', {extra: ['--strange', '--', '-x=1', '', '*']}],
    ...given(systemPrompt, 'an empty system prompt', {systemPrompt: ''}),
    ['options of each type', {options: Object.fromEntries(values) as Turn['options']}],
  ]
}

/** A turn for each capability that the descriptor promises. */
export function promisedTurns(capabilities: Capabilities): NamedTurn[] {
  const {approval = [], ephemeral, fork, resume, sandbox = [], schema} = capabilities
  const approvals = approval.filter((mode) => mode !== 'always')
  return [
    ...approvals.map((mode): NamedTurn => [`--approval-mode ${mode}`, {approval: mode}]),
    ...sandbox.map((mode): NamedTurn => [`--sandbox-mode ${mode}`, {sandbox: mode}]),
    ...given(resume, 'a resumed turn', {session: {kind: 'resume', id: OTHER_SESSION_ID}}),
    ...given(fork, 'a fork', {session: {kind: 'fork', id: OTHER_SESSION_ID, copy: SESSION_ID}}),
    ...given(ephemeral, '--ephemeral', {session: {kind: 'ephemeral', id: SESSION_ID}}),
    ...given(schema, '--schema', {schema: SCHEMA}),
    ...optionTurns(capabilities),
  ]
}

/** A turn for each option that a capability allows, with values that are found again in its plan. */
export function optionTurns(capabilities: Capabilities): NamedTurn[] {
  const samples: Record<string, unknown> = {
    count: 4711,
    amount: 47.11,
    text: 'word-of-the-user',
    list: ['/home/ada/one', '/home/ada/two'],
  }
  return Object.entries<TurnOption>(TURN_OPTIONS).flatMap(([name, {capability, flag, kind}]) => {
    // clinvk keeps it itself, by what the agent reports.
    const isOurs = capability === 'usageWhileRunning'
    return given(flag && capability && !isOurs && capabilities[capability], `--${flag}`, {
      [name]: name === 'allowedTools' ? ['FirstTool', 'SecondTool'] : samples[kind],
    })
  })
}

/** Every combination of modes, also those that are not promised. */
export function turnsOfEveryMode(): NamedTurn[] {
  return (['default', 'auto', 'none', 'always'] as const).flatMap((approval) =>
    (['default', 'read-only', 'workspace', 'full'] as const).map((sandbox): NamedTurn => [
      `--approval-mode ${approval} --sandbox-mode ${sandbox}`,
      {approval, sandbox},
    ]),
  )
}

/** That every agent takes which takes any. */
const SCHEMA = {
  type: 'object',
  properties: {age: {type: 'integer'}},
  required: ['age'],
  additionalProperties: false,
}

function given(condition: unknown, name: string, part: Partial<Turn>): NamedTurn[] {
  return condition ? [[name, part]] : []
}

export const MEGABYTE = `- "quoted" 'single' $(id) \`id\` \\ /slash 😀 é\n`.repeat(22_000)
