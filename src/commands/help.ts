import type {Command} from '@oclif/core'
import {commands} from '@oclif/plugin-help'

/** `clinvk help resume`. */
const help: Command.Class = commands.help
export default help
