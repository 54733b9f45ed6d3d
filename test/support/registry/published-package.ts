/** One version of a package, as a registry has it. */
export interface PublishedPackage {
  readonly name: string
  readonly version: string
  /** Its package.json. */
  readonly manifest: Readonly<Record<string, unknown>>
  tarball(): Promise<Buffer>
}
