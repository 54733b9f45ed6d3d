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

export type NamedTurn = readonly [name: string, turn: Turn]
type PartialTurn = readonly [flag: string, part: Partial<Turn>]

/** Turns with unusual values. */
export function edgeCaseTurns(descriptor: Descriptor): readonly NamedTurn[] {
  const {capabilities, options = {}} = descriptor
  const valueOf = {list: ['a b', '-c'], boolean: true, integer: 0, string: '-x'}
  return [
    ['a plain turn', PLAIN],
    ...promisedTurns(capabilities),
    ...turns(
      [
        'paths with blanks, quotes and line breaks',
        {
          cwd: '/home/ada/a "b"\n$(c)',
          addDirs: capabilities.addDirs ? ['/tmp/a, b', "/tmp/it's\n", '/tmp/-c'] : [],
        },
      ],
      ['words of --extra', {extra: ['--strange', '--', '-x=1', '', '*']}],
      capabilities.systemPrompt && ['an empty system prompt', {systemPrompt: ''}],
      capabilities.systemPrompt && ['a system prompt of 1 MB', {systemPrompt: MEGABYTE}],
      [
        'options of each type',
        {
          options: Object.fromEntries(
            Object.entries(options).map(([name, {type, values}]) => [name, values?.[0] ?? valueOf[type]]),
          ),
        },
      ],
    ),
  ]
}

/** A turn for each capability that the descriptor promises. */
export function promisedTurns(capabilities: Capabilities): readonly NamedTurn[] {
  const {approval = [], ephemeral, resume, sandbox = []} = capabilities
  const approvals = approval.filter((mode) => mode !== 'always')
  return turns(
    ...approvals.map((mode) => [`--approval-mode ${mode}`, {approval: mode}] as const),
    ...sandbox.map((mode) => [`--sandbox-mode ${mode}`, {sandbox: mode}] as const),
    resume && ['a resumed turn', {session: {kind: 'resume', id: OTHER_SESSION_ID}}],
    ephemeral && ['--ephemeral', {session: {kind: 'ephemeral', id: SESSION_ID}}],
    ...turnsWithCapabilities(capabilities),
  )
}

/** A turn for each option, with values that are found again in its plan. */
export function turnsWithOptions(capabilities: Capabilities): readonly PartialTurn[] {
  return [
    ['--model', {model: 'word-of-the-user'}],
    ['--extra', {extra: ['--strange-option', 'strange-value']}],
    ...turnsWithCapabilities(capabilities),
  ]
}

function turnsWithCapabilities(capabilities: Capabilities): readonly PartialTurn[] {
  const samples = {count: 4711, text: 'word-of-the-user', list: ['/home/ada/one', '/home/ada/two']}
  return Object.entries<TurnOption>(TURN_OPTIONS).flatMap(
    ([name, {capability, flag, kind}]): PartialTurn[] => {
      const value =
        name === 'allowedTools' ? ['FirstTool', 'SecondTool'] : samples[kind as keyof typeof samples]
      return flag && capability && capabilities[capability] ? [[`--${flag}`, {[name]: value}]] : []
    },
  )
}

/** Every combination of modes, also those that are not promised. */
export function turnsOfEveryMode(): readonly NamedTurn[] {
  return (['default', 'auto', 'none', 'always'] as const).flatMap((approval) =>
    (['default', 'read-only', 'workspace', 'full'] as const).map((sandbox): NamedTurn => [
      `--approval-mode ${approval} --sandbox-mode ${sandbox}`,
      {...PLAIN, approval, sandbox},
    ]),
  )
}

function turns(...cases: (readonly [string, Partial<Turn>] | false | undefined)[]): NamedTurn[] {
  return cases.flatMap((one): NamedTurn[] => (one ? [[one[0], {...PLAIN, ...one[1]}]] : []))
}

export const MEGABYTE = `- "quoted" 'single' $(id) \`id\` \\ /slash 😀 é\n`.repeat(22_000)
