import type {Conversation, Host, InteractiveWish, Invocation, Program, Refusal, Turn} from 'clinvk-contract'
import {extraRefusal} from 'clinvk-backend-sdk'
import {withSettings} from './config-content.js'
import type {PluginSettings} from './lines.js'
import {permissionsOf} from './permissions.js'

/**
 * The command line of opencode 1.18 for one turn. The prompt goes by stdin: what
 * stands in argv, opencode puts in quotes and escapes.
 */
export function plan(turn: Turn, host: Host): Invocation | Refusal {
  const refused = refusalOfExtra(turn.extra) ?? withoutProvider(turn.model)
  if (refused) return refused
  const permissions = permissionsOf(turn)
  if (permissions.kind === 'refusal') return permissions

  const {extra, maxTurns, model, options, prompt, session, systemPrompt} = turn
  // An agent of our own, because what an agent may do counts above what all may do.
  const isOwn = Object.keys(permissions.permission).length > 0 || systemPrompt !== undefined
  const settings = withSettings(host.env.OPENCODE_CONFIG_CONTENT, {
    // Else a turn ends with the first thing that it may not do, and without an answer.
    experimental: {continue_loop_on_deny: true},
    plugin: [new URL('opencode-plugin.js', import.meta.url).href],
    ...(isOwn
      ? {
          agent: {
            clinvk: {
              mode: 'primary',
              description: 'As clinvk was told.',
              permission: permissions.permission,
              prompt: systemPrompt,
            },
          },
        }
      : {}),
  })
  if ('kind' in settings) return settings

  const ours = {
    OPENCODE_CONFIG_CONTENT: settings.content,
    // Without plugins there is none of clinvk's.
    OPENCODE_PURE: undefined,
    // Each start of opencode 1.18.33 leaves 5.6 MB here.
    BUN_TMPDIR: host.scratch,
    // Less than WARN tells the beginning of each prompt to a log that is kept.
    OPENCODE_LOG_LEVEL: host.env.OPENCODE_LOG_LEVEL ?? 'WARN',
    ...(session.kind === 'ephemeral' ? {OPENCODE_DB: ':memory:'} : {}),
  }
  const pluginSettings: PluginSettings = {
    maxTurns,
    ...(typeof options?.max_retries === 'number' ? {maxRetries: options.max_retries} : {}),
    restore: Object.fromEntries(
      ['CLINVK_OPENCODE', ...Object.keys(ours)].map((name) => [name, host.env[name] ?? null]),
    ),
  }
  return {
    kind: 'invocation',
    args: [
      'run',
      '--format',
      'json',
      '--thinking',
      // With a title of its own, opencode asks no model for one.
      ...(session.kind === 'resume' ? ['--session', session.id] : [`--title=${titleOf(turn)}`]),
      ...(model === undefined ? [] : ['--model', model]),
      ...(isOwn ? ['--agent', 'clinvk'] : []),
      ...(permissions.askNothing ? ['--auto'] : []),
      ...extra,
    ],
    stdin: prompt,
    env: {...ours, CLINVK_OPENCODE: JSON.stringify(pluginSettings)},
    files: [{path: `${host.scratch}/README`, content: 'Temporary files of one turn, gone with it.\n'}],
  }
}

/** opencode's own interface on a conversation. */
export function interactive({id}: Conversation, {model}: InteractiveWish): Program | Refusal {
  const refused = withoutProvider(model)
  if (refused) return refused
  return {kind: 'program', args: ['--session', id, ...(model === undefined ? [] : ['--model', model])]}
}

/** What opencode lists the session by. */
function titleOf({prompt, session}: Turn): string {
  if (session.kind === 'ephemeral') return 'clinvk'
  const line = prompt.trim().replaceAll(/\s+/g, ' ')
  const characters = Array.from(line.slice(0, 200))
  return characters.length > 50 ? `${characters.slice(0, 49).join('')}…` : characters.join('')
}

function refusalOfExtra(extra: readonly string[]): Refusal | undefined {
  const reserved = extra.find((word) => isReserved(word))
  if (reserved !== undefined) return extraRefusal('opencode', reserved)
  const stray = extra.find((word, index) => !word.startsWith('-') && !TAKES_VALUE.has(extra[index - 1] ?? ''))
  if (stray === undefined) return undefined
  return {
    kind: 'refusal',
    option: `--extra ${stray}`,
    reason: 'opencode would take this word for a part of the prompt',
    instead: 'Give the prompt to clinvk.',
  }
}

function isReserved(word: string): boolean {
  const [name = ''] = word.split('=')
  return RESERVED.has(name.replace(/^--no-/, '--')) || /^-[a-z]*[scmipuvh]/.test(name)
}

/** opencode 1.18 names models by their provider, and has no names like `fast` that mean one of several. */
function withoutProvider(model: string | undefined): Refusal | undefined {
  if (model === undefined || /^[^/]+\/./.test(model)) return undefined
  return {
    kind: 'refusal',
    option: `--model ${model}`,
    reason: 'OpenCode has models of many providers and wants the provider with the name: provider/model',
    instead: 'See which there are: opencode models',
  }
}

const TAKES_VALUE = new Set(['--variant', '--file', '-f', '--log-level', '--logLevel'])
const RESERVED = new Set([
  '--', '--format', '--session', '--continue', '--fork', '--title', '--model', '--agent', '--auto', '--yolo',
  '--dangerously-skip-permissions', '--dangerouslySkipPermissions', '--thinking', '--dir', '--attach',
  '--interactive', '--mini', '--demo', '--command', '--pure', '--port', '--password', '--username', '--version',
  '--help', '--print-logs', '--printLogs',
]) // prettier-ignore
