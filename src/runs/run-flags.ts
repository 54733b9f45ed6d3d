import * as Flags from '@oclif/core/flags'
import {amount, positive, turnFlags} from 'clinvk-kit/flags'

const {
  file,
  name,
  new: _new,
  raw,
  stdin,
  'max-cost': _ofTurn,
  'max-tokens': _alsoOfTurn,
  'show-timing': _timing,
  'show-tokens': _tokens,
  ...shared
} = turnFlags

/** The flags of a turn that hold for each task of a run which says nothing else. */
export const taskFlags = shared

export const runFileFlags = {
  file: Flags.string({
    char: 'f',
    description: 'Run file, JSON or YAML. Default, and with -: standard input.',
    helpValue: 'FILE',
    aliases: ['input'],
  }),
  'max-tokens': positive({
    description: 'Start no further task once all together have used this many tokens.',
    helpValue: 'N',
  }),
  'max-cost': amount({
    description: 'Start no further task once all together have cost this many US dollars.',
    helpValue: 'USD',
  }),
  detach: Flags.boolean({
    description: 'Run without this terminal, which may be closed; print the id of the run.',
  }),
}
