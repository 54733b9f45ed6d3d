import type {Interfaces} from '@oclif/core'
import {Failure} from 'clinvk-kit/errors/failure'
import {nearest, quoteCommand} from 'clinvk-kit/format/text'

/**
 * Decides what the user means by `clinvk <argv>`. A first word that names a
 * command or a topic is a command, anything else is a prompt:
 *
 *     clinvk "fix the bug"       a prompt
 *     clinvk -c "now add tests"  a prompt
 *     clinvk sessions list       a command
 *     clinvk -- sessions         a prompt, though `sessions` is a topic
 *
 * A lone word that looks like a misspelt command is an error: `clinvk sesions`
 * gets a suggestion, not a bill.
 */
export function route(argv: readonly string[], config: Interfaces.Config): string[] {
  const [first] = argv
  if (first === undefined || isHelpFlag(first, config)) return [...argv]
  if (['--version', ...(config.pjson.oclif.additionalVersionFlags ?? [])].includes(first)) return ['version']
  if (config.findCommand(first) ?? config.findTopic(first)) return [...argv]
  if (first === 'serve')
    throw new Failure('usage', 'clinvk has no HTTP server yet.', ['To send it as a prompt: clinvk -- serve'])
  refuseMisspelt(argv, config)
  return ['prompt', ...argv]
}

function isHelpFlag(word: string, {pjson}: Interfaces.Config): boolean {
  return ['--help', ...(pjson.oclif.additionalHelpFlags ?? [])].includes(word)
}

function refuseMisspelt(argv: readonly string[], config: Interfaces.Config): void {
  const word = onlyPositional(argv, config)
  const near = word === undefined ? undefined : nearestCommand(word, config)
  if (word === undefined || near === undefined) return
  const words = ['clinvk', ...argv.filter((other) => other !== word), '--', word]
  const asPrompt = `To send it as a prompt: ${quoteCommand(words)}`
  throw new Failure(
    'usage',
    near === word ? `${word} is a command. A command comes before its flags.` : `Unknown command "${word}".`,
    [near === word ? `Try: clinvk ${word} --help` : `Did you mean: clinvk ${near}`, asPrompt],
  )
}

/** The command or topic that a word names, perhaps misspelt. */
function nearestCommand(word: string, config: Interfaces.Config): string | undefined {
  const ids = config.commandIDs.filter((id) => !config.findCommand(id)?.hidden)
  return nearest(
    word,
    ids.map((id) => id.split(':')[0]!),
  )
}

/** The one word that is neither a flag nor the value of one; undefined when there are more, or after `--`. */
function onlyPositional(argv: readonly string[], config: Interfaces.Config): string | undefined {
  const flags = Object.values(config.findCommand('prompt')?.flags ?? {})
  const takesValue = (word: string) =>
    flags.some(
      ({char, name, type}) => type === 'option' && (word === `--${name}` || word === `-${char ?? ''}`),
    )
  const positionals: string[] = []
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index]!
    if (word === '--') return undefined
    if (takesValue(word)) index++
    else if (!word.startsWith('-')) positionals.push(word)
  }
  return positionals.length === 1 ? positionals[0] : undefined
}
