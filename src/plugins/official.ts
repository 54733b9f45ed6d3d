import {nearest} from 'clinvk-kit/format/text'

/** The package that `clinvk plugins install claude` means; undefined for a word that names none of ours. */
export function officialPackage(shortName: string): string | undefined {
  return OFFICIAL.find((name) => name.replace(/^clinvk-(?:backend|plugin)-/, '') === shortName)
}

export function isOfficial(name: string): boolean {
  return OFFICIAL.includes(name)
}

/** The official package that somebody who typed this may have meant; undefined for one of ours. */
export function nearOfficial(name: string): string | undefined {
  if (isOfficial(name)) return undefined
  const near = nearest(ending(name), OFFICIAL.map(ending))
  return OFFICIAL.find((official) => ending(official) === near)
}

/** `echo`, of `@acme/clinvk-backend-echo`: what is before it is the same for many. */
function ending(name: string): string {
  return name.split(/[-/]/).at(-1)!
}

/** Packages of this project. From the registry they are installed without asking, whatever a clinvk has in its box. */
const OFFICIAL = [
  'clinvk-backend-claude',
  'clinvk-backend-codex',
  'clinvk-backend-echo',
  'clinvk-backend-gemini',
  'clinvk-backend-opencode',
  'clinvk-plugin-sessions',
]
