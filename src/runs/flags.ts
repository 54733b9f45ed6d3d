import {Flags} from '@oclif/core'
import {turnFlags} from 'clinvk-kit/flags'

const {
  file,
  name,
  new: _new,
  raw,
  stdin,
  'show-timing': _timing,
  'show-tokens': _tokens,
  ...shared
} = turnFlags

/** The flags of turns that hold for each task of a run which says nothing else. */
export const taskFlags = shared

/** Where the description of the work comes from. */
export const workFlags = {
  file: Flags.string({
    char: 'f',
    description: 'The work, as JSON or YAML; - or nothing reads standard input.',
    helpValue: 'FILE',
    aliases: ['input'],
  }),
}
