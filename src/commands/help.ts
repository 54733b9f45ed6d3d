import type {Command} from '@oclif/core'
import {commands} from '@oclif/plugin-help'

const help: Command.Class = commands.help
export default help
