import {existsSync} from 'node:fs'
import {join} from 'node:path'
import type {Check} from 'clinvk-kit/hooks/doctor'
import {clinvkHome} from 'clinvk-kit/settings/files'
import type {DoctorContext} from './context.js'

/** Whether the settings file can be read and says nothing wrong. */
export function settingsCheck({env, settingsFailure: failure, settingsFile}: DoctorContext): Check {
  const file = settingsFile ?? (env.CLINVK_CONFIG || join(clinvkHome(env), 'config.yaml'))
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
