import {Plugin} from '@oclif/core'
import {access} from 'node:fs/promises'
import {createRequire} from 'node:module'
import {join} from 'node:path'
import type {Asking} from './agree.js'
import {repositoryOf, type Candidate} from './candidate.js'
import {changePlugins} from './change-plugins.js'
import {checkPlugin, readPackage} from './check-plugin.js'
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
}

/** Uses a plugin as it stands in an absolute directory. Changes nothing there. */
export async function linkPlugin(root: string, bench: Workbench, asking: Asking): Promise<Linked> {
  const {config, dataDir, trust} = bench
  const plugin = await checkPlugin(root, 'link')
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
  return {plugin, replaces, missing: needed.filter((_, index) => !found[index])}
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
