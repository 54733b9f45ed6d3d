import type {Settings} from 'clinvk-kit/settings/settings'
import {OUTPUT_FORMATS, type OutputFormat} from 'clinvk-kit/turn/request'

export interface OutputChoice {
  readonly format: OutputFormat
  readonly color: boolean
  /** Print no progress and no notes. */
  readonly quiet?: boolean
}

export interface OutputFlags {
  readonly json?: boolean
  readonly raw?: boolean
  readonly quiet?: boolean
  readonly 'output-format'?: OutputFormat
}

export function outputChoice(flags: OutputFlags, {output}: Settings): OutputChoice {
  const configured = output.format === 'default' ? 'text' : output.format
  const format = flags.json ? 'json' : flags.raw ? 'text' : (flags['output-format'] ?? configured)
  return {format, color: output.color, quiet: flags.quiet}
}

/** The format that unparsed words ask for: an error about the words is reported in it, too. */
export function formatInWords(argv: readonly string[]): OutputFormat {
  const end = argv.indexOf('--')
  const words = end === -1 ? argv : argv.slice(0, end)
  for (const [index, word] of words.entries()) {
    if (word === '--json') return 'json'
    // Switches of one letter may stand before the o: -co json.
    const [, value] = /^(?:--output-format=|-[cq]*o=?)(.+)$/.exec(word) ?? []
    const format = value ?? (/^(?:--output-format|-[cq]*o)$/.test(word) ? words[index + 1] : undefined)
    if (format !== undefined && Object.hasOwn(OUTPUT_FORMATS, format)) return format as OutputFormat
  }
  return 'text'
}
