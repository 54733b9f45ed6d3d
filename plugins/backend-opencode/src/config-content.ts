import {parseLine} from 'clinvk-backend-sdk'
import type {Refusal} from 'clinvk-contract'

export interface Settings {
  readonly agent?: Readonly<Record<string, object>>
  readonly experimental?: object
  readonly plugin?: readonly unknown[]
}

/**
 * Settings for one start of opencode (`OPENCODE_CONFIG_CONTENT`), which count above
 * those of its files; what the user has set in the same way stays.
 */
export function withSettings(existing: string | undefined, ours: Settings): {content: string} | Refusal {
  const theirs = parseLine(existing || '{}', {}) as Settings | undefined
  if (!theirs) {
    return {
      kind: 'refusal',
      option: 'OPENCODE_CONFIG_CONTENT',
      reason: 'it holds no JSON object, to which clinvk could add what it needs',
      instead: 'Write these settings to a file, and name it in OPENCODE_CONFIG.',
    }
  }

  const {agent, experimental, plugin = []} = theirs
  return {
    content: JSON.stringify({
      ...theirs,
      experimental: {...experimental, ...ours.experimental},
      plugin: [...plugin, ...(ours.plugin ?? [])],
      ...(ours.agent === undefined ? {} : {agent: {...agent, ...ours.agent}}),
    }),
  }
}
