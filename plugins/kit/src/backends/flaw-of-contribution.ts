import {isAbsolute} from 'node:path'
import {flawOfOptions} from './flaw-of-options.js'
import {isRecord, isText, quoted} from './shapes.js'

/**
 * What is wrong with the `clinvk` key of a package.json, as the second half of a
 * sentence. Whatever passes is safe for all that prints it, completes it or goes
 * by it. Checked by hand because every start needs it; never throws.
 */
export function flawOfContribution(clinvk: unknown): string | undefined {
  if (!isRecord(clinvk)) return 'the key `clinvk` of its package.json is no object'
  if (clinvk.contract !== CONTRACT) {
    return `it is made for contract ${quoted(clinvk.contract)}, this clinvk speaks contract ${CONTRACT}`
  }

  if (!isRecord(clinvk.backends)) return '`clinvk.backends` is no object'
  for (const [name, descriptor] of Object.entries(clinvk.backends)) {
    // What every object has is found by this name in the settings, too.
    if (!/^[a-z][a-z0-9-]{0,63}$/.test(name) || name === 'constructor')
      return `${quoted(name)} is no name for a backend (lower-case letters, digits, dashes)`
    const flaw = flawOfDescriptor(name, descriptor)
    if (flaw !== undefined) return flaw
  }

  return undefined
}

function flawOfDescriptor(name: string, descriptor: unknown): string | undefined {
  if (!isRecord(descriptor)) return `the descriptor of ${name} is no object`
  const missing = TEXTS.find((key) => !isText(descriptor[key]))
  if (missing) return `the descriptor of ${name} lacks \`${missing}\`, a line of text`
  if (!isRecord(descriptor.capabilities)) return `the descriptor of ${name} lacks \`capabilities\``
  const [wrong] =
    Object.entries(PARTS).find(([key, check]) => {
      const value = descriptor[key]
      return value !== undefined && !check(value)
    }) ?? []
  if (wrong) return `in the descriptor of ${name}, \`${wrong}\` is not ${SHAPES[wrong]!}`
  const flaw = flawOfCapabilities(descriptor.capabilities) ?? flawOfOptions(descriptor.options)
  return flaw === undefined ? undefined : `in the descriptor of ${name}, ${flaw}`
}

/** Names that a later clinvk may know are let pass; what this one knows must be as it says. */
function flawOfCapabilities(capabilities: Record<string, unknown>): string | undefined {
  for (const [name, value] of Object.entries(capabilities)) {
    const known = LISTS[name]
    const isRight = known
      ? Array.isArray(value) && value.every((item) => known.includes(item as string))
      : !SWITCHES.has(name) || typeof value === 'boolean'
    if (!isRight)
      return `\`capabilities.${name}\` is not ${known ? `a list of ${known.join(', ')}` : 'true or false'}`
    if (!/^[A-Za-z]+$/.test(name)) return `${quoted(name)} is no name for a capability`
  }

  return undefined
}

/** A path in the package. */
function isInside(value: unknown): boolean {
  return isText(value) && !isAbsolute(value) && !value.split(/[/\\]/).includes('..')
}

/** `~`, `$NAME` or `/` at the beginning: nothing is looked for where the user happens to stand. */
function arePlaces(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every((place) => isText(place) && (isAbsolute(place) || /^(~|\$[A-Za-z_]\w*)(\/|$)/.test(place)))
  )
}

const CONTRACT = 1
const TEXTS = ['module', 'title', 'executable', 'install'] as const
const PARTS: Readonly<Record<string, (value: unknown) => boolean>> = {
  module: isInside,
  executable: (value) => !(value as string).startsWith('.') || isInside(value),
  signIn: isText,
  supportedFrom: isText,
  tested: isText,
  models: (value) =>
    isRecord(value) &&
    Object.entries(value)
      .flat()
      .every((text) => isText(text)),
  limits: (value) =>
    isRecord(value) &&
    LIMITS.every(
      (name) => value[name] === undefined || (Number.isSafeInteger(value[name]) && Number(value[name]) > 0),
    ),
  directories: arePlaces,
  signInFiles: arePlaces,
}
const SHAPES: Readonly<Record<string, string>> = {
  module: 'a path in its package',
  executable: 'a name, or a path in its package',
  signIn: 'a line of text',
  supportedFrom: 'a version',
  tested: 'a version',
  models: 'an object of names and models',
  limits: 'an object of numbers',
  directories: 'a list of places that begin with ~, $NAME or /',
  signInFiles: 'a list of places that begin with ~, $NAME or /',
}
const LIMITS = ['promptBytes', 'promptCharacters', 'promptUnits']
const SWITCHES: ReadonlySet<string> = new Set([
  'resume', 'ephemeral', 'streaming', 'systemPrompt', 'maxTurns', 'allowedTools', 'addDirs', 'usageWhileRunning',
]) // prettier-ignore
const LISTS: Readonly<Record<string, readonly string[] | undefined>> = {
  approval: ['default', 'auto', 'none', 'always'],
  sandbox: ['default', 'read-only', 'workspace', 'full'],
  usage: ['input_tokens', 'output_tokens', 'cached_tokens', 'reasoning_tokens', 'total_tokens', 'models'],
}
