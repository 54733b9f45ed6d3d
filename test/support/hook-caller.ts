import assert from 'node:assert/strict'
import {linkPlugin} from './link-plugin.js'
import type {Sandbox} from './sandbox.js'

export interface HookAnswer {
  /** As JSON has it. */
  readonly result?: unknown
  readonly failure?: {readonly kind: string; readonly message: string}
  readonly notes: readonly string[]
}

/** Links a plugin that calls functions which clinvk answers to a hook, as `calling` asks it to. */
export function linkHookCaller(user: Sandbox): void {
  linkPlugin(user, 'clinvk-plugin-caller', {oclif: {commands: './commands'}}, {'commands/call.js': CODE})
}

/** What `sessions.list(...)` gives, for instance. In the arguments a `since` is a Date. */
export async function calling(
  user: Sandbox,
  hook: 'sessions' | 'history',
  name: string,
  args: readonly unknown[] = [],
  {isStopped = false} = {},
): Promise<HookAnswer> {
  const question = Buffer.from(JSON.stringify({hook, name, args, isStopped})).toString('base64url')
  const {stderr, stdout} = await user.clinvk(['call', question])
  assert.equal(stderr, '')
  return JSON.parse(stdout) as HookAnswer
}

/** Before the last argument of a function, all that are not given are undefined. */
const CODE = `
export default class {
  static id = 'call'
  static strict = false
  static async run([question], config) {
    const reviver = (key, value) => (key === 'since' ? new Date(value) : value)
    const {hook, name, args, isStopped} = JSON.parse(Buffer.from(question, 'base64url'), reviver)
    const {failures, successes} = await config.runHook(hook, {})
    if (failures.length > 0) throw failures[0].error
    const answer = successes[0].result
    const notes = []
    const call = {note: (message) => notes.push(message), stop: isStopped ? AbortSignal.abort() : undefined}
    args[CALL_AT[name] ?? 1] = call
    const end = await answer[name](...args).then(
      (result) => ({result}),
      ({kind, message}) => ({failure: {kind, message}}),
    )
    console.log(JSON.stringify({...end, notes}))
  }
}
const CALL_AT = {show: 2, rename: 2, tag: 2, delete: 2, log: 2}
`
