import type {OutputFormat} from 'clinvk-kit/settings/settings'

/** The output format that the words ask for; read without parsing, because wrong words must be answered in it too. */
export function wantedFormat(argv: readonly string[]): OutputFormat | undefined {
  const end = argv.indexOf('--')
  const words = end === -1 ? argv : argv.slice(0, end)
  for (const [index, word] of words.entries()) {
    if (word === '--json') return 'json'
    const [, value] = /^(?:--output-format=|-o=?)(.+)$/.exec(word) ?? []
    const format = value ?? (word === '-o' || word === '--output-format' ? words[index + 1] : undefined)
    if (format === 'json' || format === 'stream-json' || format === 'text') return format
  }

  return undefined
}
