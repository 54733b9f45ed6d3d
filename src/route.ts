import type {Interfaces} from '@oclif/core'
import {Failure} from 'clinvk-kit/errors/failure'
import {nearest, quoteCommand} from 'clinvk-kit/format/text'
import {isPiped, type IO} from 'clinvk-kit/io'

/**
 * Decides what the user means by `clinvk <argv>`. A first word that names a
 * command or a topic is a command, anything else is a prompt:
 *
 *     clinvk "fix the bug"       a prompt
 *     clinvk -c "now add tests"  a prompt
 *     git diff | clinvk          a prompt
 *     clinvk sessions list       a command
 *     clinvk -- sessions         a prompt, though `sessions` is a topic
 *     clinvk -c                  on a terminal: resume --last
 *
 * A lone word that looks like a misspelt command, or that people type as a command of such programs, is an error:
 * `clinvk sesions` gets a suggestion, not a bill.
 */
export function route(argv: readonly string[], config: Interfaces.Config, io: IO): string[] {
  const [first, ...others] = argv
  if (first === undefined) return isPiped(io) ? ['prompt'] : []
  if (isHelpFlag(first, config)) return [...argv]
  if (['--version', ...(config.pjson.oclif.additionalVersionFlags ?? [])].includes(first)) {
    if (others.length === 0 || first === '--version') return ['version', ...others]
    throw new Failure('usage', `${first} prints the version and takes nothing else.`, [
      `To see what the agent does: clinvk --verbose ${quoteCommand(others)}`,
    ])
  }
  if (config.findCommand(first) ?? config.findTopic(first)) return [...argv]
  if (first === 'serve' || first === 'mcp')
    throw new Failure(
      'usage',
      `${first} is a command of the plugin clinvk-plugin-serve, which is not installed.`,
      [
        'Install it: clinvk plugins install clinvk-plugin-serve',
        `To send it as a prompt: clinvk -- ${first}`,
      ],
    )
  const words = positionals(argv, config)
  if (words?.length === 0 && io.inputKind === 'terminal' && continuesWithoutPrompt(argv))
    return ['resume', '--last', ...argv.filter((word) => !CONTINUE.includes(word))]
  // In a conversation, `continue` and `stop` are what people say to an agent.
  if (words?.length === 1 && !/\s/.test(words[0]!) && !continues(argv))
    refuseCommandWord(words[0]!, argv, config)
  if (words && words.length > 1) refuseMisspeltCommand(words, config)
  return ['prompt', ...argv]
}

export function isHelpFlag(word: string, {pjson}: Interfaces.Config): boolean {
  return ['--help', ...(pjson.oclif.additionalHelpFlags ?? [])].includes(word)
}

const CONTINUE = ['-c', '--continue']

function continuesWithoutPrompt(argv: readonly string[]): boolean {
  const hasPrompt = argv.some((word) => word === '-' || /^--(?:file|stdin)\b/.test(word))
  return !hasPrompt && argv.some((word) => CONTINUE.includes(word))
}

function continues(argv: readonly string[]): boolean {
  return argv.some((word) => CONTINUE.includes(word) || /^--session\b/.test(word))
}

/** Throws a Failure where the only word of a prompt names a command, perhaps misspelt, or what others call one. */
function refuseCommandWord(word: string, argv: readonly string[], config: Interfaces.Config): void {
  const ids = config.commands.filter(({hidden}) => !hidden).map(({id}) => id)
  const near = nearest(
    word,
    ids.map((id) => id.split(':')[0]!),
  )
  const below = ids.filter((id) => id.endsWith(`:${word}`))
  if (near === undefined && below.length === 0 && !VERBS.has(word)) return
  const words = ['clinvk', ...argv.filter((other) => other !== word), '--', word]
  const asPrompt = `To send it as a prompt: ${quoteCommand(words)}`
  if (near === word) {
    const message = `${word} is a command. A command comes before its flags.`
    throw new Failure('usage', message, [`Try: clinvk ${word} --help`, asPrompt])
  }
  const meant = below.length > 0 ? below : near === undefined ? [] : [near]
  throw new Failure('usage', `Unknown command "${word}".`, [
    ...meant.map((id) => `Did you mean: clinvk ${id.replaceAll(':', ' ')}`),
    ...(meant.length === 0 ? ['All commands: clinvk --help'] : []),
    asPrompt,
  ])
}

/** `clinvk sesions list`, `clinvk resum --last "go on"`: several words are no prompt anyway. */
function refuseMisspeltCommand(
  [first = '', second = '']: readonly string[],
  config: Interfaces.Config,
): void {
  const ids = config.commandIDs.map((id) => id.replaceAll(':', ' '))
  const both = `${first} ${second}`
  const nearBoth = nearest(both, ids)
  const near = nearBoth ?? nearest(first, new Set(ids.map((id) => id.split(' ')[0]!)))
  if (near === undefined) return
  const typed = nearBoth === undefined ? first : both
  if (near === typed)
    throw new Failure('usage', `${near} is a command. A command comes before its flags.`, [
      `Try: clinvk ${near}`,
    ])
  throw new Failure('usage', `Unknown command "${typed}".`, [
    `Did you mean: clinvk ${near}`,
    ...(nearBoth === undefined ? ['A prompt is one argument: clinvk "fix the bug"'] : []),
  ])
}

/** The words that are neither flags nor values of flags; undefined after `--`, where everything is a prompt. */
function positionals(argv: readonly string[], config: Interfaces.Config): readonly string[] | undefined {
  // The flags of a command are in a file of their own, which need not be read.
  if (!argv.some((word) => word.startsWith('-'))) return argv
  const flags = Object.values(config.findCommand('prompt')?.flags ?? {})
  const takesValue = (word: string) =>
    flags.some(
      ({char, name, type}) => type === 'option' && (word === `--${name}` || word === `-${char ?? ''}`),
    )
  const words: string[] = []
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index]!
    if (word === '--') return undefined
    if (takesValue(word)) index++
    else if (!word.startsWith('-')) words.push(word)
  }
  return words
}

/** What people type to programs of this kind, and an agent would be paid for. */
const VERBS = new Set(
  'add auth cancel continue copy cp diff exit export find fork get history import info init install kill list log login logout logs ls models move mv new open ps quit read remove rm run search session stats status stop sync upgrade uninstall update usage whoami'.split(
    ' ',
  ),
)
