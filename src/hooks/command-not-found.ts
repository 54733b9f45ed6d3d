import type {Hook} from '@oclif/core'
import {Failure} from 'clinvk-kit/errors/failure'
import {nearest} from 'clinvk-kit/format/text'

/** A word below a topic that is no command: `clinvk sessions lst`. */
const commandNotFound: Hook.CommandNotFound = function ({config, id}) {
  const near = nearest(id, config.commandIDs)
  const failure = new Failure('usage', `Unknown command "${spaced(id)}".`, [
    near === undefined ? 'See: clinvk --help' : `Did you mean: clinvk ${spaced(near)}`,
  ])
  // Only errors with an exit code of oclif get out of a hook.
  throw Object.assign(failure, {oclif: {exit: 1}})
}

function spaced(id: string): string {
  return id.replaceAll(':', ' ')
}

export default commandNotFound
