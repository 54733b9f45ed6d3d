import {isAbsolute} from 'node:path'
import {flawOfOptions} from './flaw-of-options.js'
import {isRecord, isText, quoted} from './shapes.js'
import {flawOfCommand} from './text-agent/flaw.js'

/**
 * What is wrong with the `clinvk` key of a package.json, as the second half of a
 * sentence. Whatever passes is safe for all that prints it, completes it or goes
 * by it. Checked by hand because every start needs it; never throws.
 */
export function flawOfContribution(clinvk: unknown): string | undefined {
  if (!isRecord(clinvk)) return 'the key `clinvk` of its package.json is no object'
  if (clinvk.contract !== CONTRACT) {
    const made =
      clinvk.contract === undefined ? 'names no contract' : `is made for contract ${quoted(clinvk.contract)}`
    return `it ${made}, this clinvk speaks contract ${CONTRACT}`
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
  const {capabilities, command, module, options} = descriptor
  if ((module === undefined) === (command === undefined)) {
    const has = module === undefined ? 'lacks `module` (or `command`)' : 'has both `module` and `command`'
    return `the descriptor of ${name} ${has}`
  }

  const flaw =
    flawOfCapabilities(capabilities) ??
    (command === undefined ? flawOfOptions(options) : flawOfCommand(command, descriptor))
  return flaw === undefined ? undefined : `in the descriptor of ${name}, ${flaw}`
}

/** What this clinvk knows must be as it says; what a later one may know is let pass where it can be shown. */
function flawOfCapabilities(capabilities: Record<string, unknown>): string | undefined {
  for (const [name, value] of Object.entries(capabilities)) {
    const known = LISTS.get(name)
    if (known && !(Array.isArray(value) && value.every((item) => known.includes(item))))
      return `\`capabilities.${name}\` is not a list of ${known.join(', ')}`
    if (SWITCHES.has(name) && typeof value !== 'boolean')
      return `\`capabilities.${name}\` is not true or false`
    if (!isShowable(name, value)) return `${quoted(name)} is no capability`
  }

  return undefined
}

function isShowable(name: string, value: unknown): boolean {
  const isPlain = (item: unknown) => typeof item === 'boolean' || Number.isFinite(item) || isText(item)
  return (
    /^[A-Za-z]+$/.test(name) && (Array.isArray(value) ? value.every((item) => isPlain(item)) : isPlain(value))
  )
}

function areLimits(limits: unknown): boolean {
  return (
    isRecord(limits) &&
    Object.entries(limits).every(
      ([name, value]) =>
        isShowable(name, value) && (!LIMITS.has(name) || (Number.isSafeInteger(value) && Number(value) > 0)),
    )
  )
}

/** A path in the package. */
function isInside(value: unknown): boolean {
  return isText(value) && !isAbsolute(value) && !value.split(/[/\\]/).includes('..')
}

/** As Node would run it: other endings are an error to it. */
function isForNode(path: string): boolean {
  return /\.[cm]?js$|(^|\/)[^./]+$/.test(path)
}

/** `~`, `$NAME` or `/` at the beginning: nothing is looked for where the user happens to stand. */
function arePlaces(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every((place) => isText(place) && (isAbsolute(place) || /^(~|\$[A-Za-z_]\w*)(\/|$)/.test(place)))
  )
}

const CONTRACT = 1
const TEXTS = ['title', 'executable', 'install'] as const
const PARTS: Readonly<Record<string, (value: unknown) => boolean>> = {
  module: isInside,
  executable: (value) =>
    !(value as string).startsWith('.') || (isInside(value) && isForNode(value as string)),
  signIn: isText,
  supportedFrom: isText,
  tested: isText,
  models: (value) =>
    isRecord(value) &&
    Object.entries(value)
      .flat()
      .every((text) => isText(text)),
  limits: areLimits,
  directories: arePlaces,
  signInFiles: arePlaces,
}
const SHAPES: Readonly<Record<string, string>> = {
  module: 'a path in its package',
  executable: 'the name of a program, or a script for Node in its package',
  signIn: 'a line of text',
  supportedFrom: 'a version',
  tested: 'a version',
  models: 'an object of names and models',
  limits: 'an object of numbers',
  directories: 'a list of places that begin with ~, $NAME or /',
  signInFiles: 'a list of places that begin with ~, $NAME or /',
}
const LIMITS: ReadonlySet<string> = new Set(['promptBytes', 'promptCharacters', 'promptUnits'])
const SWITCHES: ReadonlySet<string> = new Set([
  'resume', 'ephemeral', 'streaming', 'systemPrompt', 'maxTurns', 'allowedTools', 'addDirs', 'usageWhileRunning',
]) // prettier-ignore
const LISTS: ReadonlyMap<string, readonly unknown[]> = new Map([
  ['approval', ['default', 'auto', 'none', 'always']],
  ['sandbox', ['default', 'read-only', 'workspace', 'full']],
  ['usage', ['input_tokens', 'output_tokens', 'cached_tokens', 'reasoning_tokens', 'total_tokens', 'models']],
])
