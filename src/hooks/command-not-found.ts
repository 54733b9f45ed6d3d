import type {Hook, Interfaces} from '@oclif/core'
import {Failure} from 'clinvk-kit/errors/failure'
import {nearest, quoteCommand} from 'clinvk-kit/format/text'

/** Words that oclif has put together for want of a command: `sessions lst`, or `doctor now`, which takes no argument. */
const commandNotFound: Hook.CommandNotFound = function ({config, id}) {
  // Only errors with an exit code of oclif get out of a hook.
  throw Object.assign(failureOf(id, config), {oclif: {exit: 1}})
}

function failureOf(id: string, config: Interfaces.Config): Failure {
  const words = id.split(':')
  const near = nearest(id, config.commandIDs)
  if (near !== undefined && near.split(':').length === words.length)
    return unknown(id, `Did you mean: clinvk ${spaced(near)}`)
  const known = words.findLastIndex((_, index) => config.findCommand(words.slice(0, index + 1).join(':')))
  const command = words.slice(0, known + 1).join(' ')
  const [topic = ''] = words
  if (known === -1 && config.findTopic(topic)) return unknown(id, `See: clinvk ${topic} --help`)
  if (known === -1 || config.commandIDs.some((other) => spaced(other).startsWith(`${command} `)))
    return unknown(id, `See: clinvk ${command}${command === '' ? '' : ' '}--help`)
  const rest = words.slice(known + 1)
  const list = rest.map((word) => JSON.stringify(word)).join(', ')
  const isFile = rest.length === 1 && /\.(?:ya?ml|json)$/.test(rest[0]!)
  const instead = isFile
    ? quoteCommand(['clinvk', command, '--file', rest[0]!])
    : `echo ${quoteCommand([`[${list}]`])} | clinvk ${command}`
  // It reads a list of prompts.
  const hints = command === 'chain' ? [`Try: ${instead}`] : []
  const message = `clinvk ${command} takes no argument: ${rest.join(' ')}`
  return new Failure('usage', message, [...hints, `See: clinvk ${command} --help`])
}

function unknown(id: string, hint: string): Failure {
  return new Failure('usage', `Unknown command "${spaced(id)}".`, [hint])
}

function spaced(id: string): string {
  return id.replaceAll(':', ' ')
}

export default commandNotFound
