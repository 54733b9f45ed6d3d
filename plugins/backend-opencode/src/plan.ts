import type {Host, Invocation, Refusal, Turn} from 'clinvk-contract'
import {withSettings} from './config-content.js'
import type {Inside} from './lines.js'
import {withoutProvider} from './model.js'
import {ownOption} from './own-options.js'
import {rightsOf} from './rights.js'

/**
 * The command line of opencode 1.18 for one turn. The prompt goes by stdin: what
 * stands in argv, opencode puts in quotes and escapes.
 */
export function plan(turn: Turn, host: Host): Invocation | Refusal {
  const refused = ownOption(turn.extra) ?? withoutProvider(turn.model)
  if (refused) return refused
  const rights = rightsOf(turn)
  if (rights.kind === 'refusal') return rights

  const {extra, maxTurns, model, options, prompt, session, systemPrompt} = turn
  // An agent of our own, because what an agent may do counts above what all may do.
  const isOwn = Object.keys(rights.permission).length > 0 || systemPrompt !== undefined
  const settings = withSettings(host.env.OPENCODE_CONFIG_CONTENT, {
    // Else a turn ends with the first thing that it may not do, and without an answer.
    experimental: {continue_loop_on_deny: true},
    plugin: [new URL('inside.js', import.meta.url).href],
    ...(isOwn
      ? {
          agent: {
            clinvk: {
              mode: 'primary',
              description: 'As clinvk was told.',
              permission: rights.permission,
              ...(systemPrompt === undefined ? {} : {prompt: systemPrompt}),
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
  const inside: Inside = {
    ...(maxTurns === undefined ? {} : {maxTurns}),
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
      ...(rights.askNothing ? ['--auto'] : []),
      ...extra,
    ],
    stdin: prompt,
    env: {...ours, CLINVK_OPENCODE: JSON.stringify(inside)},
    files: [{path: `${host.scratch}/README`, content: 'Temporary files of one turn, gone with it.\n'}],
  }
}

/** What opencode lists the session by. */
function titleOf({prompt, session}: Turn): string {
  if (session.kind === 'ephemeral') return 'clinvk'
  const line = prompt.trim().replaceAll(/\s+/g, ' ')
  const characters = Array.from(line.slice(0, 200))
  return characters.length > 50 ? `${characters.slice(0, 49).join('')}…` : characters.join('')
}
