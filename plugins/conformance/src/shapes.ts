import {isRecord} from 'clinvk-kit/format/is-record'
import type {BackendEvent, Invocation, Refusal, Usage, Verdict} from 'clinvk-contract'
import {show} from './check.js'

/** What is wrong with an event, as a phrase; undefined when it is as the contract says. */
export function flawOfEvent(event: unknown): string | undefined {
  if (!isRecord(event) || typeof event.type !== 'string') return `is no event: ${show(event)}`
  const shape = (EVENTS as Partial<typeof EVENTS>)[event.type as BackendEvent['type']]
  if (shape === undefined) return `has the type "${event.type}", which the contract does not know`
  const flaw = flawOfFields(event, {type: 'string', ...shape})
  if (flaw !== undefined) return `of type ${event.type} ${flaw}`
  return event.type === 'usage' ? flawOfUsage(event.usage) : undefined
}

export function flawOfUsage(usage: unknown): string | undefined {
  if (!isRecord(usage)) return `has a usage that is no object: ${show(usage)}`
  for (const [key, value] of Object.entries(usage)) {
    if (key === 'models') {
      if (!isRecord(value)) return '`models` of usage is no object'
      for (const part of Object.values(value)) {
        const flaw = flawOfUsage(part)
        if (flaw !== undefined) return flaw
      }
    } else if (!COUNTS.has(key)) return `has a usage with "${key}", which the contract does not know`
    else if (value !== undefined && !(Number.isSafeInteger(value) && (value as number) >= 0))
      return `has a usage whose ${key} is no whole number from 0 on: ${show(value)}`
  }

  return undefined
}

export function flawOfVerdict(verdict: unknown): string | undefined {
  if (!isRecord(verdict)) return `is no object: ${show(verdict)}`
  if (!OUTCOMES.has(verdict.outcome as Verdict['outcome'])) return `has the outcome ${show(verdict.outcome)}`
  const isSuccess = verdict.outcome === 'success'
  if (!isSuccess && (typeof verdict.message !== 'string' || verdict.message.trim() === ''))
    return `is ${show(verdict.outcome)} without a message`
  const flaw = flawOfFields(verdict, {
    outcome: 'string',
    message: isSuccess ? 'nothing' : 'string',
    resetsAt: 'time?',
    content: 'string?',
    model: 'string?',
    usage: 'object?',
    denials: 'array?',
    leftovers: 'texts?',
  })
  if (flaw !== undefined) return flaw
  for (const denial of (verdict.denials ?? []) as unknown[]) {
    if (!isRecord(denial)) return `has a denial that is no object: ${show(denial)}`
    const wrong = flawOfFields(denial, {tool: 'string', target: 'string?', allow: 'texts?'})
    if (wrong !== undefined || denial.tool === '') return `has a denial that ${wrong ?? 'names no tool'}`
  }

  return verdict.usage === undefined ? undefined : flawOfUsage(verdict.usage)
}

/** Files of an invocation are not looked at here. */
export function flawOfPlan(plan: unknown): string | undefined {
  if (plan instanceof Promise) return 'is a promise: a plan is made at once'
  if (!isRecord(plan)) return `is no object: ${show(plan)}`
  if (plan.kind === 'refusal')
    return flawOfFields(plan, {
      kind: 'string',
      option: 'string',
      reason: 'string',
      instead: 'string?',
    } satisfies Shape<Refusal>)
  if (plan.kind !== 'invocation') return `has the kind ${show(plan.kind)}`
  const flaw = flawOfFields(plan, {
    kind: 'string',
    args: 'texts',
    stdin: 'string',
    env: 'object?',
    files: 'array?',
    notices: 'texts?',
  } satisfies Shape<Invocation>)
  if (flaw !== undefined) return flaw
  const {args, env = {}, files = []} = plan as unknown as Invocation
  const withNul = args.find((word) => word.includes('\0'))
  if (withNul !== undefined) return `has an argument with a NUL character: ${show(withNul)}`
  for (const [key, value] of Object.entries(env)) {
    if (key === '' || key.includes('=')) return `names a variable ${show(key)}`
    if (value !== undefined && typeof value !== 'string')
      return `sets ${key} to ${show(value)}, which is no text`
  }

  const file = (files as unknown[]).find(
    (one) => !isRecord(one) || typeof one.path !== 'string' || typeof one.content !== 'string',
  )
  return file === undefined ? undefined : `has a file without path and content: ${show(file)}`
}

/** What is wrong with a `Program`, a start of the agent that is no turn. */
export function flawOfProgram(program: unknown): string | undefined {
  if (!isRecord(program)) return `is no object: ${show(program)}`
  if (program.kind === 'refusal') return flawOfPlan(program)
  if (program.kind !== 'program') return `has the kind ${show(program.kind)}`
  return flawOfFields(program, {kind: 'string', args: 'texts', env: 'object?', read: 'any'})
}

/** Whether a value is the same after it was written as JSON and read again. */
export function survivesJson(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (Array.isArray(value)) return value.every((part) => survivesJson(part))
  if (!isRecord(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return (
    (prototype === Object.prototype || prototype === null) &&
    Object.values(value).every((part) => survivesJson(part))
  )
}

type Kind = 'string' | 'boolean' | 'number' | 'object' | 'array' | 'texts' | 'time' | 'any' | 'nothing'
type Field = Kind | `${Kind}?`
type Shape<T> = Record<keyof T, Field>

export function flawOfFields(
  value: Record<string, unknown>,
  shape: Readonly<Record<string, Field>>,
): string | undefined {
  const strange = Object.keys(value).find((key) => !Object.hasOwn(shape, key))
  if (strange !== undefined && value[strange] !== undefined)
    return `has \`${strange}\`, which the contract does not know`
  for (const [key, field] of Object.entries(shape)) {
    const kind = field.replace('?', '') as Kind
    if (value[key] === undefined) {
      if (field.endsWith('?') || kind === 'any' || kind === 'nothing') continue
      return `lacks \`${key}\``
    }

    if (!KINDS[kind](value[key])) return `has a \`${key}\` that is no ${NAMES[kind]}: ${show(value[key])}`
  }

  return undefined
}

const KINDS: Record<Kind, (value: unknown) => boolean> = {
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  number: (value) => typeof value === 'number' && Number.isFinite(value),
  object: isRecord,
  array: Array.isArray,
  texts: (value) => Array.isArray(value) && value.every((part) => typeof part === 'string'),
  time: (value) =>
    typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(Date.parse(value)),
  any: () => true,
  nothing: () => false,
}
const NAMES: Record<Kind, string> = {
  string: 'text',
  boolean: 'true or false',
  number: 'number',
  object: 'object',
  array: 'list',
  texts: 'list of texts',
  time: 'time (ISO 8601)',
  any: 'value',
  nothing: 'part of a success',
}

const EVENTS: Record<BackendEvent['type'], Readonly<Record<string, Field>>> = {
  session: {backend_session_id: 'string', model: 'string?', agent_version: 'string?'},
  text: {text: 'string'},
  reasoning: {text: 'string'},
  tool_call: {id: 'string', name: 'string', input: 'any', target: 'string?'},
  tool_result: {id: 'string', output: 'string', is_error: 'boolean'},
  usage: {usage: 'object'},
  retry: {
    attempt: 'number',
    max_attempts: 'number?',
    delay_seconds: 'number?',
    status: 'number?',
    message: 'string',
  },
  rate_limit: {message: 'string', resets_at: 'time?'},
  notice: {message: 'string'},
  error: {message: 'string'},
  unparsed: {line: 'string'},
  state: {state: 'any'},
  finished: {},
}
const OUTCOMES: ReadonlySet<Verdict['outcome']> = new Set([
  'success', 'failed', 'session', 'auth', 'rate_limit', 'limit',
]) // prettier-ignore
const COUNTS: ReadonlySet<string> = new Set<Exclude<keyof Usage, 'models'>>([
  'input_tokens', 'output_tokens', 'cached_tokens', 'reasoning_tokens', 'total_tokens',
]) // prettier-ignore
