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

/** Where the run file comes from. */
export const runFileFlags = {
  file: Flags.string({
    char: 'f',
    description: 'Run file with the tasks, JSON or YAML. Without it, or with -, read from standard input.',
    helpValue: 'FILE',
    aliases: ['input'],
  }),
}
