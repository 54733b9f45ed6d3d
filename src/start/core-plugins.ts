import {readFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {type Command, type Interfaces, Plugin} from '@oclif/core'
import {withDetails} from './command-details.js'
import {declaredPlugins} from './declared-plugins.js'

type Pjson = Interfaces.Plugin['pjson']
interface Manifest {
  readonly version: string
  readonly commands: Readonly<Record<string, Command.Cached>>
}

/** A plugin whose code is part of what ships, as the build has written it down. */
interface Bundled {
  readonly pjson: Pjson
  readonly manifest: Manifest
}

/**
 * The plugins that came with clinvk, itself the first. Of those on disk one that
 * is missing or damaged is left out: `doctor` names it.
 */
export function corePlugins(root: string): Plugin[] {
  const pjson = readJson(join(root, 'package.json')) as Pjson
  const detailed = withDetails(join(root, 'dist/bundle/commands.json'))
  const bundled = (readJson(join(root, 'dist/bundle/plugins.json')) as Bundled[]).map((plugin) => {
    for (const command of Object.values(plugin.manifest.commands)) detailed(command)
    const isRoot = plugin.pjson.name === pjson.name
    return new CorePlugin(root, isRoot ? pjson : plugin.pjson, plugin.manifest, isRoot)
  })
  const names = new Set(bundled.map(({name}) => name))
  const onDisk = declaredPlugins(pjson).flatMap((name) => (names.has(name) ? [] : pluginNamed(name, root)))
  return [...bundled, ...onDisk]
}

/** In the nearest `node_modules`, as Node looks for it. */
function pluginNamed(name: string, from: string): CorePlugin[] {
  for (let directory = from; ; directory = dirname(directory)) {
    const root = join(directory, 'node_modules', name)
    const pjson = found(join(root, 'package.json')) as Pjson | undefined
    if (pjson?.oclif) {
      const manifest =
        pjson.oclif.commands && (found(join(root, 'oclif.manifest.json')) as Manifest | undefined)
      return [new CorePlugin(root, pjson, manifest || {version: pjson.version, commands: {}})]
    }

    if (dirname(directory) === directory) return []
  }
}

/**
 * A plugin made of what has been read of it already. oclif's own way there looks
 * for each file in several places, one after the other, and that for each plugin
 * takes longer than all else that starting does.
 */
class CorePlugin extends Plugin {
  constructor(root: string, pjson: Pjson, manifest: Manifest, isRoot = false) {
    const {name, version} = pjson
    super({name, root, type: 'core', isRoot})
    const commands = Object.entries(manifest.commands).map(([id, command]) =>
      Object.assign(command, {
        load: async () => this.findCommand(id, {must: true}),
        pluginAlias: name,
        pluginType: 'core',
      }),
    )
    const {commands: target} = pjson.oclif
    Object.assign(this, {
      type: 'core',
      root,
      isRoot,
      pjson,
      manifest,
      commands,
      name,
      version,
      alias: name,
      valid: true,
      hasManifest: true,
      moduleType: pjson.type === 'module' ? 'module' : 'commonjs',
      commandIDs: Object.keys(manifest.commands),
      // What oclif goes by when it looks for the class of a command.
      commandDiscoveryOpts: typeof target === 'string' ? {strategy: 'pattern', target} : target,
      hooks: hooksOf(pjson),
    })
  }

  override load(): Promise<void> {
    return Promise.resolve()
  }
}

function hooksOf({oclif}: Pjson): Interfaces.Plugin['hooks'] {
  type Hook = Interfaces.Plugin['hooks'][string][number]
  const hooks: Interfaces.Plugin['hooks'] = {}
  for (const [event, said] of Object.entries(oclif.hooks ?? {}))
    hooks[event] = [said as string | Hook | (string | Hook)[]]
      .flat()
      .map((hook) => (typeof hook === 'string' ? {target: hook, identifier: 'default'} : hook))
  return hooks
}

function found(file: string): unknown {
  try {
    return readJson(file)
  } catch {
    return undefined
  }
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'))
}
