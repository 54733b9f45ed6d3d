import {extraRefusal, isInSubset, options, program, readOnlyRefusal, refusal} from 'clinvk-backend-sdk'
import {type SchemaSubset, unset} from 'clinvk-backend-sdk'
import type {Conversation, Host, InteractiveWish, Invocation} from 'clinvk-contract'
import type {JsonSchema, Program, Refusal, Turn} from 'clinvk-contract'
import {asPrompt} from './messages.js'

/**
 * The command line of Claude Code 2.1 for one turn. The prompt goes by stdin: in argv it would be limited to
 * 128 KiB, a leading `-` would be an option, and `--add-dir` or `--allowedTools` before it would swallow it.
 */
export function plan(turn: Turn, host: Host): Invocation | Refusal {
  const refused = extraRefusal('claude', turn, (word) => RESERVED.has(word.split('=')[0]!))
  if (refused) return refused
  const mode = permissionMode(turn, host)
  if (typeof mode === 'object') return mode
  const {maxCost, maxTurns, model, prompt, schema, systemPrompt} = turn
  if (schema && !takesSchema(schema))
    return refusal('--schema', 'Claude Code does not support every keyword of this schema', '')
  // In argv everybody on the machine could read it, and Linux takes at most 131,071 bytes an argument.
  const path = `${host.scratch}/system-prompt.md`
  return {
    kind: 'invocation',
    args: [
      ...['--print', '--output-format', 'stream-json', '--verbose', '--include-partial-messages'],
      ...conversationOf(turn),
      ...options({
        '--model': model,
        '--permission-mode': mode,
        '--system-prompt-file': systemPrompt === undefined ? undefined : path,
        '--max-turns': maxTurns === undefined ? undefined : String(maxTurns),
        '--max-budget-usd': maxCost === undefined ? undefined : String(maxCost),
        '--allowedTools': turn.allowedTools,
        '--add-dir': turn.addDirs,
        '--json-schema': schema && JSON.stringify({...schema, $schema: undefined}),
      }),
      ...turn.extra,
    ],
    stdin: asPrompt(prompt),
    env: CLEAN_ENV,
    files: systemPrompt === undefined ? undefined : [{path, content: systemPrompt}],
  }
}

function conversationOf({session}: Turn): string[] {
  switch (session.kind) {
    case 'ephemeral':
      return ['--no-session-persistence']
    case 'fork':
      return ['--resume', session.id, '--fork-session', '--session-id', session.copy]
    default:
      return [session.kind === 'resume' ? '--resume' : '--session-id', session.id]
  }
}

/** Claude Code 2.1.197 resumes a conversation only in the directory that it was made in. */
export function interactive({id}: Conversation, {fork, model}: InteractiveWish): Program {
  const copy = fork ? ['--fork-session'] : []
  return program(['--resume', id, ...copy, ...options({'--model': model})], CLEAN_ENV)
}

/**
 * Claude has one permission mode for both approval and sandbox, so some pairs of them
 * contradict each other. Headless it never asks: what would need a question is denied.
 */
function permissionMode({approval, sandbox}: Turn, host: Host): string | undefined | Refusal {
  switch (sandbox) {
    case 'read-only':
      return approval === 'auto' ? readOnlyRefusal('Claude Code') : 'plan'
    case 'full':
      // As root claude itself refuses, unless it is told that the machine is a sandbox.
      if (!host.isRoot || host.env.IS_SANDBOX === '1') return 'bypassPermissions'
      return refusal(
        '--sandbox-mode full',
        'Claude Code does not run without limits as root',
        'Run it as another user, or set IS_SANDBOX=1 when this machine is a sandbox.',
      )
    default:
      if (approval === 'auto') return 'acceptEdits'
      return approval === 'none' ? 'dontAsk' : undefined
  }
}

/**
 * Claude Code 2.1.197 answers by a tool whose input is the answer. Where it does not know a word of the schema (it knows no
 * format, and no `$schema` of 2020-12) it silently leaves out the tool; its API wants an object without choices at the top.
 */
function takesSchema(schema: JsonSchema): boolean {
  const {allOf, anyOf, oneOf, type} = schema
  return type === 'object' && (allOf ?? anyOf ?? oneOf) === undefined && isInSubset(schema, SUBSET)
}

const SUBSET: SchemaSubset = {
  keywords: new Set([
    'type', 'enum', 'const', '$ref', '$defs', 'definitions', '$comment', 'title', 'description', 'default', 'examples',
    'properties', 'required', 'additionalProperties', 'patternProperties', 'propertyNames', 'minProperties',
    'maxProperties', 'items', 'contains', 'minItems', 'maxItems', 'uniqueItems', 'minLength', 'maxLength', 'pattern',
    'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'allOf', 'anyOf', 'oneOf', 'not',
  ]), // prettier-ignore
  // A list of schemas means something else in draft 7 and 2020-12.
  fits: ({items}) => !Array.isArray(items),
}

/** Options that decide what clinvk reads, or that it sets itself. */
const RESERVED = new Set([
  '-p', '--print', '--output-format', '--input-format', '--verbose', '--include-partial-messages',
  '-c', '--continue', '-r', '--resume', '--session-id', '--fork-session', '--no-session-persistence',
  '--replay-user-messages', '-v', '--version', '-h', '--help',
]) // prettier-ignore

/** Claude sets these for the commands that it runs; the claude that clinvk starts is not one of them. */
export const CLEAN_ENV = unset([
  'CLAUDECODE',
  'CLAUDE_CODE_CHILD_SESSION',
  'CLAUDE_CODE_ENTRYPOINT',
  'CLAUDE_CODE_SESSION_ID',
  'CLAUDE_CODE_SSE_PORT',
])
