import {readdirSync} from 'node:fs'
import {join} from 'node:path'
import type {Check, DoctorQuestion, Finding} from 'clinvk-kit/hooks/doctor'
import {formatNumber} from 'clinvk-kit/format/text'
import {clinvkHome} from 'clinvk-kit/settings/files'
import {isId} from '../store/session-files.js'
import type {SessionStore} from '../store/store.js'

/** Session files: how many, and what among them is none. */
export function filesCheck(store: SessionStore, env: DoctorQuestion['env']): Check {
  return {
    name: 'sessions',
    run() {
      const {skipped, total} = store.list()
      const directory = join(clinvkHome(env), 'sessions')
      return [
        {state: 'ok', message: `${formatNumber(total)} session${total === 1 ? '' : 's'} in ${directory}`},
        ...skipped.map((message): Finding => ({
          state: 'problem',
          message,
          hints: ['Move it to another directory, or update clinvk if a later one wrote it.'],
        })),
        ...strangers(directory),
      ]
    },
  }
}

function strangers(directory: string): Finding[] {
  const names = namesIn(directory).filter((name) => !(name.endsWith('.json') && isId(name.slice(0, -5))))
  if (names.length === 0) return []
  const more = names.length > SHOWN ? ` and ${formatNumber(names.length - SHOWN)} more` : ''
  return [
    {
      state: 'warning',
      message: `${directory} has files that are no sessions: ${names.slice(0, SHOWN).join(', ')}${more}.`,
      hints: ['They do no harm. If you do not need them, move them away.'],
    },
  ]
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).sort()
  } catch {
    return []
  }
}

const SHOWN = 3
