import {Flags} from '@oclif/core'

/** The flag of every command that works on a settings file. */
export const configFlag = {
  config: Flags.string({
    description: 'Another file than ~/.clinvk/config.yaml.',
    helpValue: 'FILE',
  }),
}
