import {isAbsolute} from 'node:path'
import {isRecord, isText} from '../backends/shapes.js'
import {isUsage} from '../backends/sound-event.js'
import type {Verdict} from 'clinvk-contract'

/**
 * A verdict of the contract from whatever a backend gave as one. A part that is
 * none is left out and named by `notice`; undefined where not even the outcome can be told.
 */
export function soundVerdict(verdict: unknown, notice: (flaw: string) => void): Verdict | undefined {
  if (!isRecord(verdict)) return undefined
  const isSuccess = verdict.outcome === 'success'
  if (!isSuccess && !(FAILED.has(verdict.outcome) && typeof verdict.message === 'string')) return undefined
  const wrong = Object.entries(CHECKS).flatMap(([part, isRight]) =>
    verdict[part] === undefined || isRight(verdict[part]) ? [] : [part],
  )
  if (wrong.length === 0) return verdict as unknown as Verdict
  notice(wrong.map((part) => `\`${part}\``).join(', '))
  return Object.fromEntries(
    Object.entries(verdict).filter(([part]) => !wrong.includes(part)),
  ) as unknown as Verdict
}

const FAILED: ReadonlySet<unknown> = new Set(['failed', 'session', 'auth', 'rate_limit', 'limit'])
const CHECKS: Readonly<Record<string, (value: unknown) => boolean>> = {
  resetsAt: isText,
  content: (value) => typeof value === 'string',
  model: isText,
  usage: isUsage,
  denials: (value) => Array.isArray(value) && value.every((denial) => isDenial(denial)),
  leftovers: (value) =>
    Array.isArray(value) && value.every((path) => typeof path === 'string' && isAbsolute(path)),
}

function isDenial(denial: unknown): boolean {
  const {allow = [], target = '', tool} = (denial ?? {}) as Record<string, unknown>
  return (
    typeof tool === 'string' &&
    typeof target === 'string' &&
    Array.isArray(allow) &&
    allow.every((flag) => typeof flag === 'string')
  )
}
