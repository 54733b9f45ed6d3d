import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {ClinvkCommand} from 'clinvk-kit/command'
import {placeOf} from './place.js'

/** What the commands about sessions share. */
export abstract class SessionCommand extends ClinvkCommand {
  protected readonly place = placeOf(this.config)
  readonly store = this.place.store
}

const reference = {ignoreStdin: true, required: true} as const

export const sessionArg = Args.string({description: 'Id, name, beginning of an id, or @last.', ...reference})

export const sessionsArg = Args.string({
  description: 'Id, name, beginning of an id, or @last; several.',
  ...reference,
})

export const jsonFlag = Flags.boolean({description: 'Print JSON.'})
