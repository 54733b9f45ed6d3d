import {Failure, isFailure, messageOf} from 'clinvk-kit/errors/failure'
import {oneLine} from 'clinvk-kit/format/text'
import {isUsageError} from './usage-failure.js'

/** What was thrown by a command of a user's plugin; what it throws on purpose is left as it is. */
export function pluginFailure(error: unknown, command: string, plugin: string): unknown {
  if (isFailure(error) || isUsageError(error)) return error
  return new Failure(
    'unavailable',
    `The plugin ${plugin} failed in its command ${command}: ${oneLine(messageOf(error))}`,
    ['Try: clinvk plugins update', `Where it failed: DEBUG=* clinvk ${command}`],
    {cause: error},
  )
}
