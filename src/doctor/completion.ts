import type {Check} from 'clinvk-kit/doctor'
import {placeOf} from '../completion/setup/places.js'
import {stateOf} from '../completion/setup/set-up.js'
import {scriptOf, shellOf} from '../completion/shells.js'
import type {DoctorContext} from './context.js'

/** Whether TAB completes clinvk in the user's shell. It is optional, so never more than a hint. */
export function completionCheck({config, env}: DoctorContext): Check {
  return {
    name: 'completion',
    async run() {
      const shell = shellOf(env)
      if (!shell) return [{state: 'ok', message: 'completion by TAB: clinvk completion'}]
      const state = await stateOf(placeOf(shell, env), await scriptOf(shell, config.root))
      switch (state) {
        case 'set up':
          return [{state: 'ok', message: `completion by TAB is set up for ${shell}`}]
        case 'old':
          return [
            {
              state: 'ok',
              message: `completion by TAB for ${shell} is of another version`,
              hints: [`Renew it: clinvk completion ${shell} --install`],
            },
          ]
        case 'not':
          return [
            {
              state: 'ok',
              message: `completion by TAB is not set up for ${shell}`,
              hints: [`Set it up: clinvk completion ${shell} --install`],
            },
          ]
      }
    },
  }
}
