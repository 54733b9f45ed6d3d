import type {Descriptor, Turn} from 'clinvk-contract'
import type {Bench} from './bench.js'
import {OTHER_SESSION_ID, SESSION_ID} from './invented.js'

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
export function promised({capabilities}: Descriptor, bench: Bench): (readonly [string, Turn])[] {
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

export const MEGABYTE = `- "quoted" 'single' $(id) \`id\` \\ /slash 😀 é\n`.repeat(22_000)
