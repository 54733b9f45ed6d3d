import type {Descriptor, TextCommand} from 'clinvk-contract'
import {capabilitiesOfCommand} from 'clinvk-contract/schema'

/** The descriptor of a text agent with what follows from the command: what the agent can do, and how long a prompt may be. */
export function describedByCommand(written: Descriptor, command: TextCommand): Descriptor {
  return {
    ...written,
    capabilities: {...written.capabilities, ...capabilitiesOfCommand(command)},
    limits: {...written.limits, ...promptLimit(command, written.limits?.promptBytes)},
  }
}

/** A prompt that travels by stdin has no limit. */
function promptLimit({args}: TextCommand, own = Infinity): Descriptor['limits'] {
  const arounds = args
    .filter((arg) => arg.includes('{prompt}'))
    .map((arg) => Buffer.byteLength(arg.replace('{prompt}', '')))
  return arounds.length === 0 ? {} : {promptBytes: Math.min(own, ARGUMENT_BYTES - Math.max(...arounds))}
}

/** Linux starts no program with a longer one (MAX_ARG_STRLEN, with its final NUL); other systems take no less. */
const ARGUMENT_BYTES = 131_071
