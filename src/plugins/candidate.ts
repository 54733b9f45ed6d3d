/** A plugin that may be installed, and all that is known of it before any of its code has run. */
export interface Candidate {
  readonly name: string
  readonly version: string
  readonly origin: Origin
  /** What npm is given to install this very thing. */
  readonly spec: string
  /** The account that published this version; undefined when the registry does not tell. */
  readonly publisher?: string
  /** Those who may publish it. */
  readonly maintainers: readonly string[]
  /** ISO 8601. */
  readonly publishedAt?: string
  readonly repository?: string
  /** Names of its scripts that npm would run while installing. */
  readonly scripts: readonly string[]
  readonly dependencies: number
  readonly deprecated?: string
  readonly integrity?: string
  readonly pjson: PackageJson
}

/** Where a plugin comes from. */
export type Origin =
  /** `host` as far as the registry tells it; `wish` is a tag, a range or a version. */
  | {readonly kind: 'registry'; readonly host?: string; readonly wish: string}
  /** An address that npm understands. */
  | {readonly kind: 'tarball' | 'url' | 'git'; readonly url: string}
  /** An absolute directory. */
  | {readonly kind: 'link'; readonly root: string}

export interface PackageJson {
  readonly name: string
  readonly version: string
  readonly oclif?: unknown
  readonly clinvk?: unknown
  readonly scripts?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly repository?: unknown
  readonly deprecated?: unknown
}

/** As a sentence goes on: `from the registry at npm.example.org`. */
export function originText(origin: Origin): string {
  switch (origin.kind) {
    case 'registry':
      return `the registry${origin.host === undefined ? '' : ` at ${origin.host}`}`
    case 'link':
      return origin.root
    default:
      return origin.url
  }
}

/** What npm would run of a package while it installs it. */
export function installScripts(pjson: PackageJson, isGit: boolean): string[] {
  const names = ['preinstall', 'install', 'postinstall', ...(isGit ? ['prepare'] : [])]
  return names.filter((name) => typeof pjson.scripts?.[name] === 'string')
}

/** The address of a repository, as a `repository` field gives it. */
export function repositoryOf({repository}: PackageJson): {repository?: string} {
  const url =
    typeof repository === 'object' && repository !== null && 'url' in repository ? repository.url : repository
  return typeof url === 'string' ? {repository: url.replace(/^git\+/, '')} : {}
}
