import type {Plugin} from '@oclif/core'
import {isRecord} from 'clinvk-kit/format/is-record'

/** What is wrong with the package.json of a plugin that oclif has loaded, as far as clinvk prints it or goes by it. */
export function flawOfPackage({hooks, name, pjson, version}: Plugin): string | undefined {
  if (!isName(name)) return 'its package.json has no `name` that is one'
  if (typeof version !== 'string' || !/^[\w.+-]+$/.test(version))
    return 'its package.json has no `version` that is one'
  if (!isRecord(pjson.oclif)) return '`oclif` of its package.json is no object'
  for (const [event, list] of Object.entries(hooks)) {
    if (list.some((hook) => typeof hook.target !== 'string'))
      return `\`oclif.hooks\` of its package.json names no file for ${JSON.stringify(event)}`
  }

  return undefined
}

/** What is wrong with its commands and topics, for all that reads them: oclif's Config ends on the first that is odd. */
export function flawOfCommands(plugin: Plugin): string | undefined {
  for (const command of plugin.commands) {
    const {aliases, args, description, flags, hiddenAliases, id, summary} = command as unknown as Record<
      string,
      unknown
    >
    if (!isId(id)) return 'its oclif.manifest.json has a command without an `id`'
    if (!isText(summary) || !isText(description))
      return `its oclif.manifest.json has no text that says what ${id} does`
    if (
      ![aliases, hiddenAliases].every(
        (list) => list === undefined || (Array.isArray(list) && list.every((alias) => isId(alias))),
      )
    )
      return `its oclif.manifest.json has aliases of ${id} that are none`
    if (
      ![args, flags].every(
        (part) =>
          part === undefined || (isRecord(part) && Object.values(part).every((value) => isRecord(value))),
      )
    )
      return `its oclif.manifest.json has flags or arguments of ${id} that are none`
  }

  try {
    return plugin.topics.every(({description, name}) => isId(name) && isText(description))
      ? undefined
      : '`oclif.topics` of its package.json has one without a name'
  } catch {
    return '`oclif.topics` of its package.json is no object of topics'
  }
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && /^(@[\w.~-]+\/)?[\w.~-]+$/.test(value)
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && /^[\w@./:~ -]+$/.test(value)
}

function isText(value: unknown): boolean {
  return value === undefined || typeof value === 'string'
}
