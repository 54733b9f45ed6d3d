import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {offlineNpm} from './registry/offline-npm.js'
import type {Registry} from './registry/index.js'
import {CliUser} from './cli-user.js'
import {filesIn} from './files-in.js'
import {type Finished, type RunOptions, type Words, wordsOf} from './sandbox.js'

/** A user who installs plugins, from one registry and from nowhere else. */
export class PluginUser extends CliUser {
  /** Where their plugins are. */
  readonly plugins = join(this.home, '.local/share/clinvk')

  constructor(registry: Registry) {
    super()
    const {HOME: _home, PATH: _path, ...npm} = offlineNpm(this.home, registry.url)
    Object.assign(this.env, npm)
  }

  /** In this process, except what runs code of plugins, which would not be read again after an update, and oclif's npm. */
  override async clinvk(words: Words, options?: RunOptions): Promise<Finished> {
    const [command, verb] = wordsOf(words)
    const isCheap = command === 'plugins' && verb !== 'uninstall'
    return isCheap ? super.clinvk(words, options) : this.start(words, options).finished
  }

  async install(words: Words, options?: RunOptions): Promise<Finished> {
    return this.clinvk(['plugins', 'install', ...wordsOf(words)], options)
  }

  /** What the agent of a backend answers. */
  async answer(backend: string): Promise<string> {
    const {stderr, stdout} = await this.clinvk(['-b', backend, 'hello'])
    return stdout + stderr
  }

  /** All files of their plugins, with what is in them. */
  files(): Record<string, string> {
    const names = existsSync(this.plugins) ? filesIn(this.plugins) : []
    return Object.fromEntries(names.map((name) => [name, readFileSync(join(this.plugins, name), 'utf8')]))
  }
}
