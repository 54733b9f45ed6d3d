import type {Check} from 'clinvk-kit/hooks/doctor'
import {stateOf, scriptOf, shellOf} from '../completion/install.js'
import type {DoctorContext} from './context.js'

/** Whether TAB completes clinvk in the user's shell. Completion is optional, so this is never a problem. */
export function completionCheck({config, env}: DoctorContext): Check {
  return {
    name: 'completion',
    async run() {
      const shell = shellOf(env)
      if (!shell) return [{state: 'ok', message: 'completion: unknown shell, see clinvk completion'}]
      switch (await stateOf(shell, await scriptOf(shell, config.root), env)) {
        case 'installed':
          return [{state: 'ok', message: `completion is installed for ${shell}`}]
        case 'old': {
          const hints = [
            `Renew it: clinvk completion ${shell} --uninstall && clinvk completion ${shell} --install`,
          ]
          return [{state: 'ok', message: `completion for ${shell} is of another version`, hints}]
        }

        case 'missing': {
          const hints = [`Install it: clinvk completion ${shell} --install`]
          return [{state: 'ok', message: `completion is not installed for ${shell}`, hints}]
        }
      }
    },
  }
}
