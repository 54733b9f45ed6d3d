import {resolve, sep} from 'node:path'
import {isRecord, isText} from './shapes.js'
import {isJson, isUsage} from './sound-event.js'

/** What is wrong with a plan, as the second half of a sentence. Its files must lie in `scratch`: their directory is removed. */
export function flawOfPlan(plan: unknown, scratch: string): string | undefined {
  if (!isRecord(plan)) return 'it gives nothing'
  if (typeof plan.then === 'function') return 'it gives a promise'
  if (plan.kind === 'refusal') return flawOfRefusal(plan)
  if (plan.kind !== 'invocation') return 'it gives neither an invocation nor a refusal'
  const {files, notices, stdin} = plan
  if (typeof stdin !== 'string') return '`stdin` is no text'
  if (notices !== undefined && !areTexts(notices)) return '`notices` are no list of texts'
  if (files !== undefined && !(Array.isArray(files) && files.every((file) => isFile(file, scratch))))
    return '`files` are no list of files in `host.scratch`'
  return flawOfStart(plan)
}

/** The same for a start of the agent that is no turn. */
export function flawOfProgram(program: unknown, mayRefuse = false): string | undefined {
  if (!isRecord(program)) return 'it gives nothing'
  if (mayRefuse && program.kind === 'refusal') return flawOfRefusal(program)
  return program.kind === 'program' ? flawOfStart(program) : 'it gives no program'
}

export function flawOfReader(reader: unknown): string | undefined {
  if (!isRecord(reader)) return 'it gives nothing'
  const {end, errorLine, line} = reader
  const parts = {line, end, ...(errorLine === undefined ? {} : {errorLine})}
  const wrong = Object.entries(parts).find(([, part]) => typeof part !== 'function')
  return wrong && `its \`${wrong[0]}\` is no function`
}

export function flawOfQuestions(questions: unknown): string | undefined {
  if (!Array.isArray(questions)) return 'it gives no list of questions'
  for (const question of questions as unknown[]) {
    if (!isRecord(question) || typeof question.read !== 'function')
      return 'one of its questions has no `read`'
    if (question.kind === 'files') continue
    const flaw = flawOfProgram(question)
    if (flaw !== undefined) return `one of its questions is none: ${flaw}`
  }

  return undefined
}

export function flawOfFindings(findings: unknown): string | undefined {
  if (!isRecord(findings)) return 'it gives nothing'
  const {account, detail, signedIn, version} = findings
  const texts = {version, account, detail}
  const wrong = Object.entries(texts).find(([, text]) => text !== undefined && !isText(text))
  if (wrong) return `\`${wrong[0]}\` is no line of text`
  return [undefined, true, false, 'unknown'].includes(signedIn as boolean)
    ? undefined
    : '`signedIn` says nothing'
}

export function flawOfRecord(record: unknown): string | undefined {
  if (record === undefined || record === null) return undefined
  if (!isRecord(record) || !Array.isArray(record.turns)) return 'it gives no turns'
  if (record.state !== undefined && !isJson(record.state)) return '`state` is no JSON'
  return record.turns.every((turn) => isRecordedTurn(turn)) ? undefined : 'one of its turns is none'
}

export function flawOfForgotten(forgotten: unknown): string | undefined {
  if (!isRecord(forgotten) || !areTexts(forgotten.removed)) return 'it gives no list of what was removed'
  return forgotten.stays === undefined || isText(forgotten.stays) ? undefined : '`stays` is no line of text'
}

function flawOfRefusal({instead, option, reason}: Record<string, unknown>): string | undefined {
  const isRight = isText(option) && isText(reason) && (instead === undefined || isText(instead))
  return isRight ? undefined : 'its refusal has no `option` and `reason`'
}

/** Node throws on these when it starts a process, too late and in other words. */
function flawOfStart({args, env}: Record<string, unknown>): string | undefined {
  if (!areTexts(args) || args.some((arg) => arg.includes('\0')))
    return '`args` are no list of texts without NUL'
  if (env === undefined) return undefined
  const isRight = isRecord(env) && Object.entries(env).every(([name, value]) => isVariable(name, value))
  return isRight ? undefined : '`env` is no object of variables'
}

function isVariable(name: string, value: unknown): boolean {
  return (
    name !== '' &&
    !/[=\0]/.test(name) &&
    (value === undefined || (typeof value === 'string' && !value.includes('\0')))
  )
}

function isFile(file: unknown, scratch: string): boolean {
  const {content, path} = (file ?? {}) as Record<string, unknown>
  return typeof content === 'string' && typeof path === 'string' && resolve(path).startsWith(scratch + sep)
}

function isRecordedTurn(turn: unknown): boolean {
  const {endedAt, model, startedAt, usage} = (turn ?? {}) as Record<string, unknown>
  return (
    [startedAt, endedAt].every((time) => typeof time === 'string' && !Number.isNaN(Date.parse(time))) &&
    (model === undefined || isText(model)) &&
    (usage === undefined || isUsage(usage))
  )
}

function areTexts(list: unknown): list is string[] {
  return Array.isArray(list) && list.every((text) => typeof text === 'string')
}
