import {readFile, rm} from 'node:fs/promises'
import {join} from 'node:path'
import {Plugin} from '@oclif/core'
import {Failure} from 'clinvk-kit/failure'
import {agree, type Asking} from './agree.js'
import type {Candidate} from './candidate.js'
import {changePlugins} from './change-plugins.js'
import {checkUse, loadPlugin} from './check-plugin.js'
import {judge, type Verdict} from './judge.js'
import {lookInto} from './look-into.js'
import {lookUp} from './look-up.js'
import {npmFailure} from './npm-failure.js'
import {ensurePluginsFile, listPlugins, type OwnPlugin} from './plugins-file.js'
import {askOtherPlugins} from './preinstall.js'
import {replaced} from './replaced.js'
import {recordOf, recordTrust} from './trust-record.js'
import type {Wanted} from './wanted.js'
import {withProgress} from './with-progress.js'
import type {Workbench} from './workbench.js'

/** A plugin that is now there. */
export interface Installed {
  readonly candidate: Candidate
  readonly plugin: Plugin
  /** What it stands in for, a phrase each. */
  readonly replaces: readonly string[]
}

/** Installs these, or none of them: looks at them, gets the user's word where that is needed, and runs npm. */
export async function installPlugins(
  wanted: readonly Wanted[],
  bench: Workbench,
  asking: Asking,
): Promise<Installed[]> {
  const candidates: Candidate[] = []
  for (const one of wanted) candidates.push(await find(one, bench))
  const verdicts = candidates.map((candidate) => ({candidate, verdict: judge(candidate, bench.trust)}))
  for (const {candidate, verdict} of verdicts) await admit(candidate, verdict, bench, asking)
  return putIn(candidates, bench, asking.withScripts)
}

/** What is wanted, as far as it can be known before any of its code has run. */
export async function find(wanted: Wanted, {dataDir, npm}: Workbench): Promise<Candidate> {
  return wanted.kind === 'registry'
    ? withProgress(`Looking for ${wanted.name}`, async () => lookUp(wanted.name, wanted.wish, npm, dataDir))
    : withProgress(`Looking into ${wanted.spec}`, async () => lookInto(wanted, npm))
}

/** Returns when a plugin may come in; throws a Failure when it may not. */
export async function admit(
  candidate: Candidate,
  verdict: Verdict,
  {config}: Pick<Workbench, 'config'>,
  asking: Asking,
): Promise<void> {
  if (verdict.kind === 'refuse') throw verdict.failure
  if (verdict.kind === 'ask')
    await agree({candidate, why: verdict.why, replaces: replaced(candidate.pjson, config)}, asking)
  await askOtherPlugins(config, candidate)
}

/** Installs what has been admitted. */
export async function putIn(
  candidates: readonly Candidate[],
  {config, dataDir, npm}: Workbench,
  withScripts: boolean,
): Promise<Installed[]> {
  const installed = await withProgress(
    `Installing ${candidates.map(({name}) => name).join(', ')}`,
    async () =>
      changePlugins(dataDir, async () => {
        const done: Installed[] = []
        await ensurePluginsFile(dataDir)
        for (const candidate of candidates) {
          const {name, spec} = candidate
          const root = join(dataDir, 'node_modules', name)
          // npm would not notice what is damaged in a folder of this version.
          await rm(root, {recursive: true, force: true})
          await npm.install(spec, dataDir, {withScripts}).catch((error: unknown) => {
            throw npmFailure(error, name)
          })
          await checkIdentity(candidate, dataDir)
          const plugin = await loadPlugin(root, 'user')
          await checkUse(root)
          await listPlugins(dataDir, [entryOf(candidate)])
          await recordTrust(dataDir, {[name]: recordOf(candidate, withScripts, new Date())})
          done.push({candidate, plugin, replaces: replaced(plugin.pjson, config)})
        }

        return done
      }),
  )
  for (const {plugin} of installed) config.plugins.set(plugin.name, plugin)
  await config.runHook('plugins:postinstall', {})
  return installed
}

function entryOf({name, origin}: Candidate): OwnPlugin {
  switch (origin.kind) {
    case 'registry':
      return {name, type: 'user', tag: origin.wish}
    case 'link':
      return {name, type: 'link', root: origin.root}
    default:
      return {name, type: 'user', url: origin.url}
  }
}

/** What the user was shown is what must have come. */
async function checkIdentity({integrity, name, origin, version}: Candidate, dataDir: string): Promise<void> {
  const {packages = {}} = JSON.parse(await readFile(join(dataDir, 'package-lock.json'), 'utf8')) as {
    packages?: Record<string, {version?: string; integrity?: string}>
  }
  const found = packages[`node_modules/${name}`]
  const differs =
    origin.kind !== 'git' &&
    integrity !== undefined &&
    found?.integrity !== undefined &&
    found.integrity !== integrity
  if (found?.version !== version || differs)
    throw new Failure('refused', `What came is not ${name} ${version} as it was looked at; it is not kept.`, [
      'Try again.',
    ])
}
