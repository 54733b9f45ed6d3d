import {existsSync, readdirSync, statfsSync, statSync} from 'node:fs'
import {chmod} from 'node:fs/promises'
import {join} from 'node:path'
import type {Check, Finding} from 'clinvk-kit/hooks/doctor'
import {clinvkHome} from 'clinvk-kit/settings/files'
import type {DoctorContext} from './context.js'

/** The directory of clinvk's own data: who can read it, its size, the free space of the disk. */
export function homeCheck({env}: DoctorContext): Check {
  const home = clinvkHome(env)
  return {
    name: 'home',
    run() {
      if (!existsSync(home)) return [{state: 'ok', message: `${home} is created with the first session`}]
      return [space(home), ...permissions(home)]
    },
  }
}

function space(home: string): Finding {
  const {bavail, bsize} = statfsSync(home)
  const free = bavail * bsize
  const used = ['sessions', 'index'].reduce((sum, name) => sum + sizeOf(join(home, name)), 0)
  const message = `${home} uses ${megabytes(used)}; ${megabytes(free)} are free`
  if (free > ENOUGH_FREE_BYTES) return {state: 'ok', message}
  return {
    state: 'warning',
    message: `${message}: soon sessions cannot be saved.`,
    hints: ['Delete old sessions: clinvk sessions clean --older-than 30d'],
  }
}

/** It contains prompts. If the directory itself is private, so is everything below it. */
function permissions(home: string): Finding[] {
  const mode = statSync(home).mode & 0o777
  if (process.platform === 'win32' || (mode & 0o077) === 0) return []
  return [
    {
      state: 'warning',
      message: `Other users of this machine can read ${home} (mode ${mode.toString(8)}).`,
      async repair() {
        await chmod(home, mode & 0o700)
        return `Made ${home} private (mode ${(mode & 0o700).toString(8)}).`
      },
    },
  ]
}

function sizeOf(directory: string): number {
  try {
    return readdirSync(directory)
      .map((name) => statSync(join(directory, name), {throwIfNoEntry: false})?.size ?? 0)
      .reduce((sum, size) => sum + size, 0)
  } catch {
    return 0
  }
}

function megabytes(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`
}

const ENOUGH_FREE_BYTES = 100e6
