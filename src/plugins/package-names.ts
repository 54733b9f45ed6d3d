import {nearest} from 'clinvk-kit/format/text'

/** `clinvk-backend-echo` is also `echo`. */
export function shortName(name: string): string {
  return name.replace(/^(@[^/]+\/)?clinvk-(?:backend|plugin)-/, '')
}

/** The official package with this short name. */
export function officialPackage(word: string): string | undefined {
  return OFFICIAL.find((name) => shortName(name) === word)
}

export function isOfficial(name: string): boolean {
  return OFFICIAL.includes(name)
}

/** The official package that may have been meant. */
export function nearOfficial(name: string): string | undefined {
  if (isOfficial(name)) return undefined
  const near = nearest(lastWord(name), OFFICIAL.map(lastWord))
  return OFFICIAL.find((official) => lastWord(official) === near)
}

/** `echo`, of `@acme/clinvk-backend-echo`. */
function lastWord(name: string): string {
  return name.split(/[-/]/).at(-1)!
}

const OFFICIAL = [
  'clinvk-backend-claude',
  'clinvk-backend-codex',
  'clinvk-backend-echo',
  'clinvk-backend-gemini',
  'clinvk-backend-opencode',
  'clinvk-plugin-history',
  'clinvk-plugin-serve',
  'clinvk-plugin-sessions',
]
