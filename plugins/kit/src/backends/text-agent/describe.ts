import type {Capabilities, Descriptor, TextCommand} from 'clinvk-contract'

/** The descriptor of a text agent with what follows from its command: what it can do, and how long a prompt may be. */
export function describedByCommand(written: Descriptor, command: TextCommand): Descriptor {
  return {
    ...written,
    capabilities: {...written.capabilities, ...capabilitiesOf(command)},
    limits: {...written.limits, ...promptLimit(command, written.limits?.promptBytes)},
  }
}

export function capabilitiesOf(command: TextCommand): Capabilities {
  return {
    resume: command.session !== undefined,
    ephemeral: command.ephemeral !== undefined,
    systemPrompt: command.systemPrompt !== undefined,
    maxTurns: command.maxTurns !== undefined,
    allowedTools: command.allowedTools !== undefined,
    addDirs: command.addDirs !== undefined,
    approval: Object.keys(command.approval ?? {}) as Capabilities['approval'] & object,
    sandbox: Object.keys(command.sandbox ?? {}) as Capabilities['sandbox'] & object,
  }
}

/** Nothing where the prompt travels by stdin. */
function promptLimit({args}: TextCommand, own = Infinity): Descriptor['limits'] {
  const arounds = args
    .filter((arg) => arg.includes('{prompt}'))
    .map((arg) => Buffer.byteLength(arg.replace('{prompt}', '')))
  return arounds.length === 0 ? {} : {promptBytes: Math.min(own, LONGEST_ARGUMENT - Math.max(...arounds))}
}

/** Linux starts no program with a longer one (MAX_ARG_STRLEN, with its final NUL); other systems take no less. */
const LONGEST_ARGUMENT = 131_071
