import type {Config} from '@oclif/core'
import {backendsOf} from 'clinvk-kit/backends/discover'
import {counted} from 'clinvk-kit/format/text'
import type {Check, DoctorQuestion, Finding} from 'clinvk-kit/hooks/doctor'
import {loadSettings} from 'clinvk-kit/settings/load'
import {soonDeleted} from '../archive/soon-deleted.js'
import {countBytes, formatBytes, parseSize} from '../archive/size.js'

/** Answers `doctor`: whether the archive has room, and what agents delete soon that is not in it. */
export default function doctor({config, env}: DoctorQuestion & {readonly config: Config}): Promise<Check[]> {
  const run = async (): Promise<Finding[]> => {
    const {history: settings} = await loadSettings({cwd: '/', env})
    return [await sizeFinding(env, settings.max_size), ...(await deletionFindings(config, env))]
  }
  return Promise.resolve([{name: 'history', run}])
}

async function sizeFinding(env: DoctorQuestion['env'], maxSize: string): Promise<Finding> {
  const {all} = await countBytes(env)
  const message = `archive and transcripts have ${formatBytes(all)}`
  if (all < parseSize(maxSize)) return {state: 'ok', message}
  return {
    state: 'warning',
    message: `${message}; history.max_size is ${maxSize}, so nothing more is archived.`,
    hints: [
      'Allow more: clinvk config set history.max_size "20 GiB"',
      'Or delete old ones: clinvk history clean --older-than 180d',
    ],
  }
}

async function deletionFindings(config: Config, env: DoctorQuestion['env']): Promise<Finding[]> {
  const {backends} = await backendsOf(config)
  const findings: Finding[] = []
  for (const entry of backends.values()) {
    const tell = (message: string) => findings.push({state: 'warning', message})
    const soon = await soonDeleted(entry, env, tell)
    if (soon.length === 0) continue
    findings.push({
      state: 'warning',
      message: `${entry.descriptor.title} deletes ${counted(soon.length, 'conversation')} within 7 days that ${soon.length === 1 ? 'is' : 'are'} not in the archive.`,
      hints: ['Keep them: clinvk config set history.archive all, then clinvk history sync'],
    })
  }

  return findings
}
