/** One version of a package, as a registry has it. */
export interface PublishedPackage {
  readonly name: string
  readonly version: string
  /** Its package.json. */
  readonly manifest: Readonly<Record<string, unknown>>
  /** The account that published it; not given: the registry does not tell. */
  readonly publisher?: string
  /** Instead of `latest`. */
  readonly tag?: string
  tarball(): Promise<Buffer>
}
