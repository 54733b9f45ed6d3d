import {Plugin} from '@oclif/core'
import {access} from 'node:fs/promises'
import {createRequire} from 'node:module'
import {join} from 'node:path'
import {isFailure, type Failure} from 'clinvk-kit/failure'
import type {Asking} from './agree.js'
import {repositoryOf, type Candidate} from './candidate.js'
import {changePlugins} from './change-plugins.js'
import {checkUse, loadPlugin, readPackage} from './check-plugin.js'
import {admit} from './install.js'
import {judge} from './judge.js'
import {ensurePluginsFile, listPlugins} from './plugins-file.js'
import {recordOf, recordTrust} from './trust-record.js'
import {replaced} from './replaced.js'
import type {Workbench} from './workbench.js'

/** A plugin that is now used as it stands in its directory. */
export interface Linked {
  readonly plugin: Plugin
  readonly replaces: readonly string[]
  /** Packages that it needs and that are not there. */
  readonly missing: readonly string[]
  /** Why it cannot be used as it stands there now: while it is written, that is no error. */
  readonly flaw?: Failure
}

/** Uses a plugin as it stands in an absolute directory. Changes nothing there. */
export async function linkPlugin(root: string, bench: Workbench, asking: Asking): Promise<Linked> {
  const {config, dataDir, trust} = bench
  const plugin = await loadPlugin(root, 'link')
  const pjson = await readPackage(root)
  const {name, version} = pjson
  const candidate: Candidate = {
    name,
    version,
    origin: {kind: 'link', root},
    spec: root,
    maintainers: [],
    ...repositoryOf(pjson),
    scripts: [],
    dependencies: Object.keys(pjson.dependencies ?? {}).length,
    pjson,
  }
  const replaces = replaced(pjson, config)
  await admit(candidate, judge(candidate, trust), bench, asking)
  await changePlugins(dataDir, async () => {
    await ensurePluginsFile(dataDir)
    await listPlugins(dataDir, [{name, type: 'link', root}])
    await recordTrust(dataDir, {[name]: recordOf(candidate, false, new Date())})
  })
  config.plugins.set(name, plugin)
  await config.runHook('plugins:postinstall', {})
  const needed = Object.keys(pjson.dependencies ?? {})
  const found = await Promise.all(needed.map(async (one) => isThere(one, root)))
  const flaw = await checkUse(root).catch((error: unknown) => {
    if (isFailure(error)) return error
    throw error
  })
  return {
    plugin,
    replaces,
    missing: needed.filter((_, index) => !found[index]),
    ...(flaw === undefined ? {} : {flaw}),
  }
}

async function isThere(name: string, root: string): Promise<boolean> {
  const places = createRequire(join(root, 'package.json')).resolve.paths(name) ?? []
  for (const place of places) {
    const isHere = await access(join(place, name)).then(
      () => true,
      () => false,
    )
    if (isHere) return true
  }

  return false
}
