import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {ClinvkCommand} from 'clinvk-kit/command'
import {loadSettings} from 'clinvk-kit/settings/load'
import type {Settings} from 'clinvk-kit/settings/settings'
import {placeOf} from './place.js'

/** What the commands about sessions share. */
export abstract class SessionCommand extends ClinvkCommand {
  protected readonly place = placeOf(this.config)
  readonly store = this.place.store

  protected async settings(): Promise<Settings['session']> {
    return (await loadSettings({cwd: this.io.cwd, env: this.io.env})).session
  }
}

const reference = {ignoreStdin: true, required: true} as const

export const sessionArg = Args.string({description: 'Id, name, beginning of an id, or @last.', ...reference})

export const sessionsArg = Args.string({
  description: 'Id, name, beginning of an id, or @last; several.',
  ...reference,
})

export const jsonFlag = Flags.boolean({description: 'Print JSON.'})
