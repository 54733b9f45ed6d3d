import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import type {Command, Interfaces} from '@oclif/core'

type Hook = Interfaces.Plugin['hooks'][string][number]

/** What build/plugins.js writes of each plugin that is part of clinvk, clinvk itself first. */
interface Description {
  /** Relative to the directory of clinvk. */
  readonly root: string
  readonly pjson: Interfaces.PJSON
  readonly commands: readonly Command.Cached[]
}

/**
 * The plugins that are part of clinvk, clinvk itself first. One file describes them all: oclif would look for several
 * files of each. A plugin whose directory is missing is left out; `doctor` names it.
 */
export function bundledPlugins(root: string): BundledPlugin[] {
  const descriptions = JSON.parse(readFileSync(join(root, 'dist/plugins.json'), 'utf8')) as Description[]
  return descriptions
    .filter((description) => existsSync(join(root, description.root)))
    .map((description, index) => new BundledPlugin(root, description, index === 0))
}

class BundledPlugin implements Interfaces.Plugin {
  readonly _base = ''
  readonly alias: string
  readonly commandIDs: string[]
  readonly commands: Command.Loadable[]
  readonly commandsDir = undefined
  readonly hasManifest = true
  readonly hooks: Interfaces.Plugin['hooks']
  readonly moduleType = 'module'
  readonly name: string
  readonly options: Interfaces.Options
  readonly pjson: Interfaces.PJSON
  readonly root: string
  readonly topics: Interfaces.Topic[]
  readonly type = 'core'
  readonly valid = true
  readonly version: string

  constructor(
    clinvk: string,
    {commands, pjson, root}: Description,
    readonly isRoot: boolean,
  ) {
    const {hooks = {}, topics = {}} = pjson.oclif
    this.name = pjson.name
    this.alias = pjson.name
    this.version = pjson.version
    this.pjson = pjson
    this.root = join(clinvk, root)
    this.options = {root: this.root}
    this.commandIDs = commands.map(({id}) => id)
    this.commands = commands.map((command) =>
      Object.assign(command, {load: () => this.findCommand(command.id)}),
    )
    this.hooks = Object.fromEntries(
      Object.entries(hooks).map(([event, target]): [string, Hook[]] => [
        event,
        [{target: target as string, identifier: 'default'}],
      ]),
    )
    this.topics = Object.entries(topics).map(([name, topic]) => ({...topic, name}))
  }

  async findCommand(id: string): Promise<Command.Class> {
    const {relativePath = []} = this.commands.find((command) => command.id === id)!
    const file = pathToFileURL(join(this.root, ...relativePath)).href
    const {default: command} = (await import(file)) as {default: Command.Class}
    return Object.assign(command, {id, plugin: this})
  }

  load(): Promise<void> {
    return Promise.resolve()
  }
}
