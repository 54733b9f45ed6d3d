import * as Errors from '@oclif/core/errors'
import * as Flags from '@oclif/core/flags'
import type {Interfaces} from '@oclif/core'
import {parseDuration} from './format/time.js'
import {
  OUTPUT_FORMATS,
  type OutputFormat,
  TURN_OPTIONS,
  type TurnOption,
  type TurnOptionFlags,
} from './turn/request.js'

const DURATION = 'a duration. Use 90s, 10m, 1h30m or a number of seconds.'

/** A flag whose value is a duration, in milliseconds. */
export const duration = flagOf((text) => parseDuration(text) || undefined, DURATION)

/** The same, where 0 means none, as in the settings. */
const limit = flagOf(parseDuration, DURATION)

export const positive = flagOf(
  (text) => (/^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined),
  'a whole number of at least 1.',
)

/** A sum of US dollars. */
export const amount = flagOf(
  (text) => (/^\d{1,9}(\.\d{1,6})?$/.test(text) && Number(text)) || undefined,
  'a sum of US dollars, such as 0.50.',
)

/** A flag with a number, of which `parse` gives undefined where it is not `what`. */
function flagOf(parse: (text: string) => number | undefined, what: string) {
  return Flags.custom<number>({
    parse(text) {
      const value = parse(text)
      if (value !== undefined) return Promise.resolve(value)
      throw new Errors.CLIError(`"${text}" is not ${what}`, {exit: 1})
    },
  })
}

/** The flags of a turn that every command has which runs one. Groups are the headings of help. */
export const turnFlags = {
  ...optionFlags(),
  file: Flags.string({
    description: 'Read the prompt from a file.',
    helpValue: 'FILE',
    helpGroup: 'PROMPT',
    exclusive: ['stdin'],
  }),
  stdin: Flags.boolean({description: 'Append standard input to the prompt.', helpGroup: 'PROMPT'}),
  ephemeral: Flags.boolean({
    description: 'Keep no session, neither here nor in the agent.',
    helpGroup: 'SESSION',
  }),
  new: Flags.boolean({
    description: 'Start a new session even if session.auto_resume is set.',
    helpGroup: 'SESSION',
    exclusive: ['ephemeral'],
  }),
  name: Flags.string({
    description: 'Name the new session.',
    helpValue: 'NAME',
    helpGroup: 'SESSION',
    exclusive: ['ephemeral'],
  }),
  tag: Flags.string({
    description: 'Tag the session. Repeatable.',
    helpValue: 'TAG',
    helpGroup: 'SESSION',
    multiple: true,
    multipleNonGreedy: true,
    exclusive: ['ephemeral'],
  }),
  'output-format': Flags.option({
    char: 'o',
    description: [
      'Output format:',
      ...Object.entries(OUTPUT_FORMATS).map(([name, prints]) => `${name}: ${prints}`),
    ].join('\n'),
    helpValue: 'FORMAT',
    options: Object.keys(OUTPUT_FORMATS) as OutputFormat[],
    helpGroup: 'OUTPUT',
  })(),
  json: Flags.boolean({
    description: 'The same as -o json.',
    helpGroup: 'OUTPUT',
    exclusive: ['output-format', 'raw'],
  }),
  raw: Flags.boolean({
    description: "Print the agent's own output lines unchanged.",
    helpGroup: 'OUTPUT',
    exclusive: ['output-format', 'schema'],
  }),
  quiet: Flags.boolean({
    char: 'q',
    description: 'Print only the result and errors: no progress, no notes.',
    helpGroup: 'OUTPUT',
    exclusive: ['verbose'],
  }),
  'show-tokens': settingSwitch({description: 'Print the number of tokens used.', helpGroup: 'OUTPUT'}),
  'show-timing': settingSwitch({description: 'Print how long the turn took.', helpGroup: 'OUTPUT'}),
  config: Flags.string({
    description: 'Use this settings file instead of ~/.clinvk/config.yaml.',
    helpValue: 'FILE',
    helpGroup: 'GLOBAL',
  }),
}

function optionFlags(): FlagsFor<TurnOptionFlags> {
  const flags = Object.values<TurnOption>(TURN_OPTIONS).flatMap((option) =>
    option.flag === undefined ? [] : [[option.flag, flagFor(option)] as const],
  )
  return Object.fromEntries(flags) as FlagsFor<TurnOptionFlags>
}

type FlagsFor<Values> = {
  [Name in keyof Values]-?: NonNullable<Values[Name]> extends boolean
    ? Interfaces.BooleanFlag<boolean | undefined>
    : Interfaces.OptionFlag<Values[Name] | undefined>
}

function flagFor({char, helpValue, kind, summary: description, values = []}: TurnOption) {
  const details = {char, description, helpValue, helpGroup: 'TURN'}
  switch (kind) {
    case 'amount':
      return amount(details)
    case 'choice':
      return Flags.option({...details, options: values})()
    case 'count':
      return positive(details)
    case 'duration':
      return limit(details)
    case 'list':
      return Flags.string({...details, multiple: true, multipleNonGreedy: true})
    case 'switch':
      return settingSwitch(details)
    case 'schema':
    case 'text':
      return Flags.string(details)
  }
}

/** A switch that settings decide where it is not given: then it is undefined, whatever oclif's types say. */
export function settingSwitch(details: Partial<Interfaces.BooleanFlag<boolean>>) {
  return Flags.boolean({...details, allowNo: true}) as Interfaces.BooleanFlag<boolean | undefined>
}

export type PromptFlags = Interfaces.InferredFlags<typeof turnFlags> & {
  readonly continue?: boolean
  readonly session?: string
  readonly restart?: boolean
  /** As in `SessionRequest`. */
  readonly adopts?: object
  /** The session whose copy is to be continued, and the turn after which. */
  readonly fork?: string
  readonly at?: number
}

export interface PromptCall {
  /** The prompt, or `-` for standard input; absent where `--file` names it. */
  readonly argument?: string
  readonly flags: PromptFlags
}
