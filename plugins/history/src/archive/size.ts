import {existsSync, readdirSync, readFileSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {replaceFile} from 'clinvk-kit/files/replace-file'
import type {Env} from 'clinvk-kit/io'
import {clinvkHome} from 'clinvk-kit/settings/files'
import {archiveDirectory} from './archived.js'

/**
 * Bytes of archive and transcripts, as far as they were counted: a turn adds what it has archived, `countBytes` counts
 * all again.
 */
export function knownBytes(env: Env): number | undefined {
  try {
    const bytes = Number(readFileSync(sizeFile(env), 'utf8'))
    return Number.isFinite(bytes) ? bytes : undefined
  } catch {
    return undefined
  }
}

export async function addBytes(env: Env, bytes: number): Promise<void> {
  const known = knownBytes(env)
  if (known !== undefined && bytes !== 0) await replaceFile(sizeFile(env), String(Math.max(0, known + bytes)))
}

export async function countBytes(env: Env): Promise<{all: number; archive: number; transcripts: number}> {
  const archive = bytesBelow(archiveDirectory(env))
  const transcripts = bytesBelow(join(clinvkHome(env), 'transcripts'))
  const all = archive + transcripts
  if (existsSync(archiveDirectory(env))) await replaceFile(sizeFile(env), String(all))
  return {all, archive, transcripts}
}

/** Bytes of a size as it stands in the settings: `5 GiB`, `500MiB`; Infinity for 0. */
export function parseSize(text: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?) ?([KMGT]?)i?B?$/.exec(text) ?? []
  const bytes = Number(amount) * 1024 ** ' KMGT'.indexOf(unit || ' ')
  return bytes === 0 ? Infinity : bytes
}

/** `820 B`, `4.2 MiB`. */
export function formatBytes(bytes: number): string {
  const power = Math.min(4, Math.floor(Math.log2(Math.max(bytes, 1)) / 10))
  const amount = bytes / 1024 ** power
  return power === 0 ? `${bytes} B` : `${amount.toFixed(amount < 10 ? 1 : 0)} ${'KMGT'[power - 1]}iB`
}

/** Bytes of all files at and below a path. */
export function bytesBelow(path: string): number {
  if (!existsSync(path)) return 0
  const stats = statSync(path)
  if (!stats.isDirectory()) return stats.size
  return readdirSync(path).reduce((total, name) => total + bytesBelow(join(path, name)), 0)
}

function sizeFile(env: Env): string {
  return join(archiveDirectory(env), 'size')
}
