import {extraRefusal, options, parseLine, program, refusal} from 'clinvk-backend-sdk'
import type {Conversation, Host, InteractiveWish, Invocation, Program, Refusal, Turn} from 'clinvk-contract'
import type {PluginSettings} from './messages.js'
import {permissionsOf} from './permissions.js'

/**
 * The command line of opencode 1.18 for one turn. The prompt goes by stdin: what
 * stands in argv, opencode puts in quotes and escapes.
 */
export function plan(turn: Turn, host: Host): Invocation | Refusal {
  const {extra, maxCost, maxTurns, model, prompt, sandbox, session, systemPrompt} = turn
  const refused = refusalOfExtra(turn) ?? withoutProvider(model)
  if (refused) return refused
  const permissions = permissionsOf(turn)
  if (permissions.kind === 'refusal') return permissions
  const {permission} = permissions
  // An agent of our own, because what an agent may do counts above what all may do.
  const isOwn = Object.keys(permission).length > 0 || systemPrompt !== undefined
  const agent = {mode: 'primary', description: 'As clinvk was told.', permission, prompt: systemPrompt}
  const settings = withSettings(host.env.OPENCODE_CONFIG_CONTENT, isOwn ? {agent: {clinvk: agent}} : {})
  if (typeof settings === 'object') return settings

  const ours = {
    OPENCODE_CONFIG_CONTENT: settings,
    // Without plugins there is none of clinvk's.
    OPENCODE_PURE: undefined,
    // Each start of opencode 1.18.33 leaves 5.6 MB here.
    BUN_TMPDIR: host.scratch,
    // Less than WARN tells the beginning of each prompt to a log that is kept.
    OPENCODE_LOG_LEVEL: host.env.OPENCODE_LOG_LEVEL ?? 'WARN',
    ...(session.kind === 'ephemeral' && {OPENCODE_DB: ':memory:'}),
  }
  const {max_retries: maxRetries} = turn.options ?? {}
  const pluginSettings: PluginSettings = {
    title: session.kind === 'new' ? titleOf(prompt) : undefined,
    maxTurns,
    maxCost,
    maxRetries: typeof maxRetries === 'number' ? maxRetries : undefined,
    restore: Object.fromEntries(
      ['CLINVK_OPENCODE', ...Object.keys(ours)].map((name) => [name, host.env[name] ?? null]),
    ),
  }
  return {
    kind: 'invocation',
    args: [
      ...['run', '--format', 'json', '--thinking'],
      // With a title, opencode asks no model for one. Our plugin replaces it: in argv everybody could read the prompt.
      ...(session.kind === 'resume' || session.kind === 'fork'
        ? ['--session', session.id]
        : ['--title=clinvk']),
      ...(session.kind === 'fork' ? ['--fork'] : []),
      ...options({'--model': model, '--agent': isOwn ? 'clinvk' : undefined}),
      // Allows what would be asked for.
      ...(sandbox === 'full' ? ['--auto'] : []),
      ...extra,
    ],
    stdin: prompt,
    env: {...ours, CLINVK_OPENCODE: JSON.stringify(pluginSettings)},
    files: [{path: `${host.scratch}/README`, content: 'Temporary files of one turn, gone with it.\n'}],
  }
}

/** opencode's own interface on a conversation. */
export function interactive({id}: Conversation, {fork, model}: InteractiveWish): Program | Refusal {
  const words = [...options({'--session': id, '--model': model}), ...(fork ? ['--fork'] : [])]
  return withoutProvider(model) ?? program(words)
}

/**
 * Settings for one start of opencode (`OPENCODE_CONFIG_CONTENT`), which count above
 * those of its files; what the user has set in the same way stays.
 */
function withSettings(existing: string | undefined, ours: {agent?: object}): string | Refusal {
  const shape = {agent: {'*': null}, experimental: {'*': null}} as const
  const theirs = parseLine(existing || '{}', {...shape, plugin: [null]} as const)
  if (!theirs)
    return refusal(
      'OPENCODE_CONFIG_CONTENT',
      'it is not a JSON object, so clinvk cannot add its own settings',
      'Write these settings to a file, and name it in OPENCODE_CONFIG.',
    )
  const {agent, experimental, plugin = []} = theirs
  return JSON.stringify({
    ...theirs,
    // Else a turn ends with the first thing that it may not do, and without an answer.
    experimental: {...experimental, continue_loop_on_deny: true},
    plugin: [...plugin, new URL('opencode-plugin.js', import.meta.url).href],
    ...(ours.agent && {agent: {...agent, ...ours.agent}}),
  })
}

/** What opencode lists the session by. */
function titleOf(prompt: string): string {
  const characters = Array.from(prompt.trim().replaceAll(/\s+/g, ' ').slice(0, 200))
  return characters.length > 50 ? `${characters.slice(0, 49).join('')}…` : characters.join('')
}

function refusalOfExtra(turn: Turn): Refusal | undefined {
  const {extra} = turn
  const reserved = extraRefusal('opencode', turn, isReserved)
  const stray = extra.find((word, index) => !word.startsWith('-') && !TAKES_VALUE.has(extra[index - 1] ?? ''))
  if (reserved ?? stray === undefined) return reserved
  const reason = 'opencode would add this word to the prompt'
  return refusal(`--extra ${stray}`, reason, 'Give the prompt to clinvk.')
}

function isReserved(word: string): boolean {
  const [name = ''] = word.split('=')
  return RESERVED.has(name.replace(/^--no-/, '--')) || /^-[a-z]*[scmipuvh]/.test(name)
}

/** opencode 1.18 names models by their provider, and has no names like `fast` that mean one of several. */
function withoutProvider(model: string | undefined): Refusal | undefined {
  if (model === undefined || /^[^/]+\/./.test(model)) return undefined
  return refusal(
    `--model ${model}`,
    'OpenCode has models of many providers and wants the provider with the name: provider/model',
    'See which there are: opencode models',
  )
}

const TAKES_VALUE = new Set(['--variant', '--file', '-f', '--log-level', '--logLevel'])
const RESERVED = new Set([
  '--', '--format', '--session', '--continue', '--fork', '--title', '--model', '--agent', '--auto', '--yolo',
  '--dangerously-skip-permissions', '--dangerouslySkipPermissions', '--thinking', '--dir', '--attach',
  '--interactive', '--mini', '--demo', '--command', '--pure', '--port', '--password', '--username', '--version',
  '--help', '--print-logs', '--printLogs',
]) // prettier-ignore
