import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import type {Command, Interfaces} from '@oclif/core'

/** What build/plugins.js writes of each plugin that is part of clinvk, clinvk itself first. */
interface Description {
  /** Relative to the directory of clinvk. */
  readonly root: string
  readonly pjson: Interfaces.PJSON
  readonly commands: readonly DescribedCommand[]
  readonly hooks: Interfaces.Plugin['hooks']
}

/** A `Command.Cached`, and where its class is. */
interface DescribedCommand extends Readonly<Record<string, unknown>> {
  readonly id: string
  readonly relativePath: readonly string[]
  /** What that file exports it as. */
  readonly identifier: string
  /** The JSON file with its `Details`, where they are not here: relative to the directory of clinvk. */
  readonly details?: string
}

/** What only the help and the completion of a command need. */
type Details = Pick<Command.Cached, 'args' | 'description' | 'examples' | 'flags'> & {
  readonly completion?: unknown
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
    {commands, hooks, pjson, root}: Description,
    readonly isRoot: boolean,
  ) {
    const {topics = {}} = pjson.oclif
    this.name = pjson.name
    this.alias = pjson.name
    this.version = pjson.version
    this.pjson = pjson
    this.root = join(clinvk, root)
    this.options = {root: this.root}
    this.commandIDs = commands.map(({id}) => id)
    const about = {pluginName: this.name, pluginAlias: this.alias, pluginType: this.type}
    this.commands = commands.map((command) => {
      const known = command.details === undefined ? command : new BriefCommand(command, clinvk)
      const load = () => this.#load(command)
      return Object.assign(known as unknown as Command.Loadable, about, {load})
    })
    this.hooks = hooks
    this.topics = Object.entries(topics).map(([name, topic]) => ({...topic, name}))
  }

  findCommand(id: string): Promise<Command.Class> {
    return this.commands.find((command) => command.id === id)!.load()
  }

  load(): Promise<void> {
    return Promise.resolve()
  }

  async #load({id, identifier, relativePath}: DescribedCommand): Promise<Command.Class> {
    const file = pathToFileURL(join(this.root, ...relativePath)).href
    const {[identifier]: command} = (await import(file)) as Record<string, Command.Class>
    return Object.assign(command!, {id, plugin: this})
  }
}

/** A command whose details are read when something asks for them: to read those of all takes two milliseconds. */
class BriefCommand implements Details {
  declare readonly details: string
  readonly #clinvk: string
  #read: Details | undefined

  constructor(described: DescribedCommand, clinvk: string) {
    Object.assign(this, described)
    this.#clinvk = clinvk
  }

  get args() {
    return this.#details().args
  }

  get completion() {
    return this.#details().completion
  }

  get description() {
    return this.#details().description
  }

  get examples() {
    return this.#details().examples
  }

  get flags() {
    return this.#details().flags
  }

  #details(): Details {
    return (this.#read ??= JSON.parse(readFileSync(join(this.#clinvk, this.details), 'utf8')) as Details)
  }
}
