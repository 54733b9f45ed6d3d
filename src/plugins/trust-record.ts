import {readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {sourceText, type PackageIdentity} from './identify-package.js'

/** What was known about a plugin when it was installed. */
export interface TrustRecord {
  /** In words. */
  readonly origin: string
  readonly publisher?: string
  readonly maintainers: readonly string[]
  readonly version: string
  /** Whether its install scripts may run. */
  readonly scripts: boolean
  /** ISO 8601. */
  readonly installedAt: string
}

export type TrustRecords = Readonly<Record<string, TrustRecord>>

/** By package. Empty when the file is missing or damaged: then `update` asks. */
export async function trustRecords(dataDir: string): Promise<TrustRecords> {
  try {
    const {plugins} = JSON.parse(await readFile(join(dataDir, TRUST_FILE), 'utf8')) as {
      plugins?: TrustRecords
    }
    return plugins ?? {}
  } catch {
    return {}
  }
}

/** Records these; `undefined` removes a record. */
export async function recordTrust(
  dataDir: string,
  changes: Readonly<Record<string, TrustRecord | undefined>>,
): Promise<void> {
  const plugins = {...(await trustRecords(dataDir)), ...changes}
  await writeFile(join(dataDir, TRUST_FILE), `${JSON.stringify({version: 1, plugins}, undefined, 2)}\n`)
}

export function recordOf(
  {maintainers, publisher, source, version}: PackageIdentity,
  scripts: boolean,
  now: Date,
): TrustRecord {
  return {
    origin: sourceText(source),
    publisher,
    maintainers,
    version,
    scripts,
    installedAt: now.toISOString(),
  }
}

export const TRUST_FILE = 'trust.json'
