import type {Interfaces} from '@oclif/core'
import {nearest} from 'clinvk-kit/nearest'

/** The root command or topic that `word` is, or is a slip of the finger away from. */
export function nearestCommand(word: string, config: Interfaces.Config): string | undefined {
  return nearest(
    word,
    config.commandIDs.filter((id) => !config.findCommand(id)?.hidden).map((id) => id.split(':')[0]!),
  )
}
