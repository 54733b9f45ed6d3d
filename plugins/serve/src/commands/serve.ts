import {Command} from '@oclif/core/command'
import {askClinvk} from '../core/clinvk.js'
import {openDesk} from '../core/desk.js'

export default class Serve extends Command {
  static override summary = 'Serve clinvk over HTTP.'

  async run(): Promise<void> {
    openDesk(await askClinvk(this.config))
  }
}
