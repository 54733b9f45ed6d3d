import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {extraRefusal, isInSubset, isObject, options, program} from 'clinvk-backend-sdk'
import {readOnlyRefusal, refusal, type SchemaSubset, unset} from 'clinvk-backend-sdk'
import type {Conversation, Host, InteractiveWish, Invocation} from 'clinvk-contract'
import type {JsonSchema, Program, Refusal, Turn} from 'clinvk-contract'

/**
 * The command line of codex 0.169 for one turn. The prompt goes by stdin (`-`):
 * with a prompt in argv codex waits for stdin besides, and Linux limits an
 * argument to 128 KiB. Options stand before `resume` and `fork`, which know only some of them.
 */
export function plan(turn: Turn, host: Host): Invocation | Refusal {
  const {addDirs, approval, extra, model, prompt, schema, session, systemPrompt} = turn
  const refused = extraRefusal('codex', turn, isReserved)
  if (refused) return refused
  if (approval === 'auto' && turn.sandbox === 'read-only') return readOnlyRefusal('codex')
  if (schema && !takesSchema(schema))
    return refusal('--schema', 'Codex does not support every keyword of this schema', '')
  // `codex exec` never asks: what the sandbox does not allow is denied. So approval `none` changes nothing, and editing
  // without asking needs a sandbox in which the directory can be written to.
  const sandbox = turn.sandbox === 'default' && approval === 'auto' ? 'workspace' : turn.sandbox
  // Codex takes a system prompt as a file alone; the value of `--config` is TOML, whose strings are quoted as in JSON.
  const path = `${host.scratch}/system-prompt.md`
  const schemaPath = `${host.scratch}/schema.json`
  return {
    kind: 'invocation',
    args: [
      ...['exec', '--json', '--skip-git-repo-check'],
      ...(session.kind === 'ephemeral' ? ['--ephemeral'] : []),
      ...options({
        '--model': model,
        '--sandbox': MODES[sandbox],
        '--config':
          systemPrompt === undefined ? undefined : `model_instructions_file=${JSON.stringify(path)}`,
        '--add-dir': addDirs,
        '--output-schema': schema && schemaPath,
      }),
      ...extra,
      ...(session.kind === 'resume' || session.kind === 'fork' ? [session.kind, session.id] : []),
      '-',
    ],
    stdin: prompt,
    env: CLEAN_ENV,
    files: [
      ...(systemPrompt === undefined ? [] : [{path, content: systemPrompt}]),
      ...(schema ? [{path: schemaPath, content: JSON.stringify({...schema, $schema: undefined})}] : []),
    ],
  }
}

/** Codex passes the schema on to OpenAI's API, which then answers with nothing else, and refuses what it does not know. */
function takesSchema(schema: JsonSchema): boolean {
  return schema.type === 'object' && schema.anyOf === undefined && isInSubset(schema, STRICT)
}

/** What that API takes as `strict`: objects with just these fields, none of which is left out. */
const STRICT: SchemaSubset = {
  keywords: new Set([
    'type', 'enum', 'const', '$ref', '$defs', 'definitions', 'title', 'description', 'properties', 'required',
    'additionalProperties', 'items', 'minItems', 'maxItems', 'pattern', 'format', 'minimum', 'maximum',
    'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'anyOf',
  ]), // prettier-ignore
  formats: new Set(['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uuid']),
  fits({additionalProperties, items = {}, properties, required = [], type}) {
    if (!isObject(items)) return false
    if (properties === undefined && ![type].flat().includes('object')) return true
    const names = isObject(properties) ? Object.keys(properties) : []
    return (
      additionalProperties === false && names.every((name) => (required as readonly unknown[]).includes(name))
    )
  },
}

/**
 * Codex 0.169.0 on a thread. Without `--no-daemon` it leaves a server behind that
 * holds the thread, and no later turn could resume it. A thread keeps the permissions
 * of its last turn, in which codex could ask nobody; here it begins with the least and asks.
 */
export function interactive({id}: Conversation, {fork, model}: InteractiveWish): Program {
  const asking = options({'--sandbox': 'read-only', '--ask-for-approval': 'on-request', '--model': model})
  return program([fork ? 'fork' : 'resume', '--no-daemon', ...asking, id], CLEAN_ENV)
}

/**
 * After SIGINT codex tells the model of the interruption; after SIGTERM it does not, but
 * leaves no directories. The thread can be resumed in both cases (seen with 0.169.0).
 */
export function stopSignal(turn: Turn): 'SIGINT' | 'SIGTERM' {
  return sandboxLeftovers(turn).length === 0 ? 'SIGINT' : 'SIGTERM'
}

/**
 * Empty directories that codex 0.169.0 may leave behind: while a command runs, codex makes them where the
 * command may write, so that the command cannot. They stay when codex itself ends the command (after SIGINT,
 * or at the end of the turn), but not when codex dies by SIGTERM.
 */
export function sandboxLeftovers({addDirs, cwd, sandbox}: Turn): string[] {
  if (sandbox === 'read-only' || sandbox === 'full') return []
  const names = ['.git', '.codex', '.agents', '.aws']
  const places = new Set([cwd, ...addDirs, tmpdir(), '/tmp'])
  return [...places].flatMap((place) => names.map((name) => join(place, name)))
}

const MODES = {
  default: undefined,
  'read-only': 'read-only',
  workspace: 'workspace-write',
  full: 'danger-full-access',
} as const

/** Whether this word decides what clinvk reads, where codex runs or what it may do. */
function isReserved(word: string, before = ''): boolean {
  if (word.startsWith('-')) return RESERVED.has(word.split('=')[0]!) || /^-[sC]./.test(word)
  // A word after an option may be its value; anywhere else it is a command of codex or a second prompt.
  return !before.startsWith('-')
}

const RESERVED = new Set([
  '-', '--', '--json', '--experimental-json', '--ephemeral', '--last', '--all',
  '-C', '--cd', '--worktree', '-s', '--sandbox', '--dangerously-bypass-approvals-and-sandbox', '--yolo',
  '-V', '--version', '-h', '--help',
]) // prettier-ignore

/** Codex 0.169.0 sets these for the commands that it runs; the codex that clinvk starts is not one of them. */
export const CLEAN_ENV = unset([
  'CODEX_CI',
  'CODEX_PERMISSION_PROFILE',
  'CODEX_SANDBOX',
  'CODEX_SANDBOX_NETWORK_DISABLED',
  'CODEX_SESSION_ID',
  'CODEX_THREAD_ID',
  'CODEX_TOOL_CALL_ID',
  'CODEX_VERSION',
])
