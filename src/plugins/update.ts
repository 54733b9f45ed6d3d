import {readFile} from 'node:fs/promises'
import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {isFailure, Failure} from 'clinvk-kit/failure'
import npa from 'npm-package-arg'
import type {Asking} from './agree.js'
import {checkUse, loadPlugin, readPackage} from './check-plugin.js'
import type {Candidate} from './candidate.js'
import {admit, find, putIn} from './install.js'
import {difference, judge} from './judge.js'
import {trustRecords} from './trust-record.js'
import type {OwnPlugin} from './plugins-file.js'
import type {Wanted} from './wanted.js'
import type {Workbench} from './workbench.js'

/** What became of one plugin. */
export type Updated =
  | {
      readonly name: string
      readonly state: 'updated'
      readonly from?: string
      readonly to: string
      /** What has changed about a plugin that passes without asking, as a sentence. */
      readonly note?: string
    }
  /** `why` it was left alone, as a sentence goes on. */
  | {readonly name: string; readonly state: 'current'; readonly version: string; readonly why: string}
  | {readonly name: string; readonly state: 'failed'; readonly failure: Failure}

/** Brings one plugin to the newest version of what was asked for when it was installed. */
export async function updatePlugin(plugin: OwnPlugin, bench: Workbench, asking: Asking): Promise<Updated> {
  const {name} = plugin
  try {
    return await update(plugin, bench, asking)
  } catch (error) {
    // Ctrl-C ends it all.
    if (!isFailure(error) || error.kind === 'cancelled') throw error
    return {name, state: 'failed', failure: error}
  }
}

async function update(plugin: OwnPlugin, bench: Workbench, asking: Asking): Promise<Updated> {
  const {name} = plugin
  if (plugin.type === 'link') {
    const {version} = await readPackage(plugin.root)
    return {name, state: 'current', version, why: `is linked to ${plugin.root}`}
  }

  const {dataDir, trust} = bench
  const root = join(dataDir, 'node_modules', name)
  const now = await versionInUse(root)
  const wanted = wantedOf(plugin)
  if (wanted.kind === 'tarball' && !existsSync(wanted.spec)) {
    const why = `came from ${wanted.spec}, which is gone`
    if (now) return {name, state: 'current', version: now, why}
    throw new Failure('unavailable', `${name} is broken, and ${why}.`)
  }

  const candidate = await find(wanted, bench)
  if (candidate.name !== name)
    throw new Failure('refused', `${name} came from ${plugin.url!}, which is now ${candidate.name}.`, [
      `If that is what you want: clinvk plugins install ${plugin.url!}`,
    ])
  if (now === candidate.version && (await isSame(candidate, dataDir)))
    return {name, state: 'current', version: now, why: reason(wanted)}
  const known = (await trustRecords(dataDir))[name]
  const verdict = judge(candidate, trust, known ?? 'unknown')
  await admit(candidate, verdict, bench, asking)
  await putIn([candidate], bench, asking.withScripts || known?.scripts === true)
  const note = verdict.kind === 'pass' && known ? difference(candidate, known) : undefined
  return {
    name,
    state: 'updated',
    ...(now ? {from: now} : {}),
    to: candidate.version,
    ...(note === undefined ? {} : {note}),
  }
}

/** Undefined for a plugin that is gone, or cannot be used. */
async function versionInUse(root: string): Promise<string | undefined> {
  try {
    const {version} = await loadPlugin(root, 'user')
    await checkUse(root)
    return version
  } catch {
    return undefined
  }
}

function wantedOf({name, tag = 'latest', url}: Extract<OwnPlugin, {type: 'user'}>): Wanted {
  if (url === undefined) return {kind: 'registry', name, wish: tag}
  const {fetchSpec, type} = npa(url)
  if (type === 'file') return {kind: 'tarball', spec: fetchSpec!}
  return {kind: type === 'git' ? 'git' : 'url', spec: url}
}

/** Whether a tarball or repository is still what was installed from it: versions alone do not tell. */
async function isSame({integrity, name, origin, spec}: Candidate, dataDir: string): Promise<boolean> {
  if (origin.kind === 'registry') return true
  const {packages = {}} = JSON.parse(await readFile(join(dataDir, 'package-lock.json'), 'utf8')) as {
    packages?: Record<string, {resolved?: string; integrity?: string}>
  }
  const found = packages[`node_modules/${name}`]
  return origin.kind === 'git'
    ? found?.resolved?.split('#')[1] === spec.split('#')[1]
    : found?.integrity === integrity
}

function reason(wanted: Wanted): string {
  if (wanted.kind !== 'registry' || wanted.wish === 'latest') return 'is up to date'
  return /^\d+\.\d+\.\d+/.test(wanted.wish)
    ? 'stays: that version was asked for'
    : `is the newest of ${wanted.wish}`
}
