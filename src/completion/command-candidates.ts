import type {Interfaces} from '@oclif/core'
import type {Candidate} from 'clinvk-kit/hooks/complete'
import {describe} from './describe.js'

/** The commands and topics right below `topic` (`` for the first word) that begin so. An alias only when one has begun to type it. */
export function commandCandidates(topic: string, beginning: string, config: Interfaces.Config): Candidate[] {
  const above = topic === '' ? '' : `${topic}:`
  const found = new Map<string, string | undefined>()
  for (const {aliases, hidden, hiddenAliases, id} of config.commands) {
    const isAlias = aliases.includes(id) || hiddenAliases.includes(id)
    if ((hidden && !isAlias) || !id.startsWith(above) || id.length === above.length) continue
    const [name] = id.slice(above.length).split(':')
    if (!name!.startsWith(beginning) || (beginning === '' && isAlias)) continue
    const path = above + name!
    found.set(name!, descriptionOf(path, config))
  }

  return [...found]
    .map(([value, description]) => ({value, description}))
    .sort((a, b) => (a.value < b.value ? -1 : 1))
}

function descriptionOf(id: string, config: Interfaces.Config): string | undefined {
  const command = config.findCommand(id)
  return describe(command?.summary ?? command?.description ?? config.findTopic(id)?.description, config)
}
