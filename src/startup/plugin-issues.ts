import type {Plugin} from '@oclif/core'
import {isRecord} from 'clinvk-kit/format/is-record'

/** What is wrong with the package.json of a plugin that oclif has loaded, as the second half of a sentence. */
export function packageIssue({hooks, name, pjson, version}: Plugin): string | undefined {
  if (!isMatch(name, /^(@[\w.~-]+\/)?[\w.~-]+$/)) return 'the `name` in its package.json is not valid'
  if (!isMatch(version, /^[\w.+-]+$/)) return 'the `version` in its package.json is missing or not valid'
  if (!isRecord(pjson.oclif)) return '`oclif` in its package.json is not an object'
  const [event] =
    Object.entries(hooks).find(([, list]) => list.some(({target}) => typeof target !== 'string')) ?? []
  return event && `\`oclif.hooks\` in its package.json names no file for ${JSON.stringify(event)}`
}

/** What is wrong with its commands and topics. oclif stops at the first that is not valid. */
export function commandIssue(plugin: Plugin): string | undefined {
  for (const command of plugin.commands) {
    const {
      aliases = [],
      args = {},
      description,
      flags = {},
      hiddenAliases = [],
      id,
      summary,
    } = command as Fields
    if (!isId(id)) return 'its oclif.manifest.json has a command without an `id`'
    const isValid = {
      summary: isText(summary) && isText(description),
      aliases: [aliases, hiddenAliases].every((list) => Array.isArray(list) && list.every(isId)),
      flags: [args, flags].every((part) => isRecord(part) && Object.values(part).every(isRecord)),
    }
    const [wrong] = Object.entries(isValid).find(([, valid]) => !valid) ?? []
    if (wrong !== undefined)
      return `its oclif.manifest.json has ${WHAT[wrong]} of ${String(id)} that are not valid`
  }
  try {
    const isValid = plugin.topics.every(({description, name}) => isId(name) && isText(description))
    return isValid ? undefined : '`oclif.topics` in its package.json has a topic without a name'
  } catch {
    return '`oclif.topics` in its package.json is not an object of topics'
  }
}

type Fields = Record<string, unknown>

function isId(value: unknown): boolean {
  return isMatch(value, /^[\w@./:~ -]+$/)
}

function isText(value: unknown): boolean {
  return value === undefined || typeof value === 'string'
}

function isMatch(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && pattern.test(value)
}

const WHAT: Readonly<Record<string, string>> = {
  summary: 'texts',
  aliases: 'aliases',
  flags: 'flags or arguments',
}
