import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import type {Candidate} from './candidate.js'
import {originText} from './candidate.js'
import {writeWhole} from './plugins-file.js'

/** What the user has said yes to, or what has passed without asking. */
export interface TrustRecord {
  /** In words: another one asks again. */
  readonly origin: string
  readonly publisher?: string
  readonly maintainers: readonly string[]
  readonly version: string
  /** The scripts of the package may run while it is installed. */
  readonly scripts: boolean
  /** ISO 8601. */
  readonly installedAt: string
}

export type TrustRecords = Readonly<Record<string, TrustRecord>>

/** The records beside the list of plugins; none when there is no such file, or it is damaged: then `update` asks. */
export async function trustRecords(dataDir: string): Promise<TrustRecords> {
  try {
    const {plugins} = JSON.parse(await readFile(path(dataDir), 'utf8')) as {plugins?: TrustRecords}
    return plugins ?? {}
  } catch {
    return {}
  }
}

/** Keeps what was decided about these; `undefined` forgets one. */
export async function recordTrust(
  dataDir: string,
  changes: Readonly<Record<string, TrustRecord | undefined>>,
): Promise<void> {
  const plugins = {...(await trustRecords(dataDir)), ...changes}
  await writeWhole(path(dataDir), `${JSON.stringify({version: 1, plugins}, undefined, 2)}\n`)
}

export function recordOf(
  {maintainers, origin, publisher, version}: Candidate,
  scripts: boolean,
  now: Date,
): TrustRecord {
  return {
    origin: originText(origin),
    ...(publisher === undefined ? {} : {publisher}),
    maintainers,
    version,
    scripts,
    installedAt: now.toISOString(),
  }
}

/** The name of the file in oclif's data directory. */
export const TRUST_FILE = 'trust.json'

function path(dataDir: string): string {
  return join(dataDir, TRUST_FILE)
}
