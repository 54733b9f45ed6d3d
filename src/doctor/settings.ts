import {existsSync} from 'node:fs'
import type {Check} from 'clinvk-kit/hooks/doctor'
import type {DoctorContext} from './context.js'

/** Whether the settings can be read and are valid. */
export function settingsCheck({settingsFailure: failure, settingsFile: file}: DoctorContext): Check {
  return {
    name: 'settings',
    run() {
      if (failure) {
        const hints = failure.hints.length > 0 ? failure.hints : ['Correct it: clinvk config edit']
        return [{state: 'problem', message: failure.message, hints}]
      }

      const message = existsSync(file) ? `settings in ${file}` : `no settings file (${file}): the defaults`
      return [{state: 'ok', message}]
    },
  }
}
