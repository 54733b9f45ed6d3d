import {Errors, Flags} from '@oclif/core'
import {parseDuration} from './format/duration.js'
import type {ApprovalMode, SandboxMode} from 'clinvk-contract'
import type {OutputFormat} from './settings/settings.js'

/** A flag whose value is a duration, in milliseconds. */
export const duration = Flags.custom<number>({
  parse(text) {
    const ms = parseDuration(text)
    if (ms !== undefined) return Promise.resolve(ms)
    throw new Errors.CLIError(`"${text}" is no duration. Write 90s, 10m, 1h30m or a number of seconds.`, {
      exit: 1,
    })
  },
})

export const positive = Flags.custom<number>({
  parse(text) {
    if (/^[1-9]\d{0,8}$/.test(text)) return Promise.resolve(Number(text))
    throw new Errors.CLIError(`"${text}" is no count: a whole number from 1 on is expected.`, {exit: 1})
  },
})

/**
 * The words of a command line, made safe for `--extra`: oclif refuses a value
 * that is also the name of a flag here, and `--extra=-c` is meant for the agent.
 */
export function withSafeExtra(argv: readonly string[]): string[] {
  const end = argv.indexOf('--')
  return argv.map((word, index) =>
    end === -1 || index < end ? word.replace(/^--extra=(?=-)/, `--extra=${SHIELD}`) : word,
  )
}

/** Stands before such a value until it has been parsed. No word of a command line can hold it. */
const SHIELD = '\0'

/** The flags of a turn that every command has which runs one. Groups are the headings of help. */
export const turnFlags = {
  backend: Flags.string({char: 'b', description: 'The agent to use.', helpValue: 'NAME', helpGroup: 'TURN'}),
  model: Flags.string({
    char: 'm',
    description: 'The model, or one of fast, balanced, best.',
    helpValue: 'MODEL',
    helpGroup: 'TURN',
  }),
  workdir: Flags.string({
    char: 'w',
    description: 'Where the agent runs.',
    helpValue: 'DIR',
    helpGroup: 'TURN',
  }),
  'approval-mode': Flags.option({
    description: 'What the agent may do without asking: its own way, edit files, only what needs no asking.',
    options: ['default', 'auto', 'none', 'always'] as const satisfies ApprovalMode[],
    helpGroup: 'TURN',
  })(),
  'sandbox-mode': Flags.option({
    description: 'What the agent may touch: its own way, nothing, the working directory, everything.',
    options: ['default', 'read-only', 'workspace', 'full'] as const satisfies SandboxMode[],
    helpGroup: 'TURN',
  })(),
  'system-prompt': Flags.string({
    description: "Replaces the agent's own system prompt.",
    helpValue: 'TEXT',
    helpGroup: 'TURN',
  }),
  'max-turns': positive({description: 'Stop after so many steps.', helpValue: 'N', helpGroup: 'TURN'}),
  'allowed-tools': Flags.string({
    description: 'Tools that need no approval, in the words of the agent. Repeatable.',
    helpValue: 'TOOLS',
    helpGroup: 'TURN',
    multiple: true,
    multipleNonGreedy: true,
  }),
  'add-dir': Flags.string({
    description: 'A further directory that the agent may use. Repeatable.',
    helpValue: 'DIR',
    helpGroup: 'TURN',
    multiple: true,
    multipleNonGreedy: true,
  }),
  extra: Flags.string({
    description: "A word for the agent's own command line: --extra=--effort --extra=high. Repeatable.",
    helpValue: 'WORD',
    helpGroup: 'TURN',
    multiple: true,
    multipleNonGreedy: true,
    parse: (word) => Promise.resolve(word.startsWith(SHIELD) ? word.slice(SHIELD.length) : word),
  }),
  timeout: duration({
    description: 'End the turn after this time (90s, 10m, 1h).',
    helpValue: 'TIME',
    helpGroup: 'TURN',
  }),
  'idle-timeout': duration({
    description: 'End the turn when the agent is silent for so long.',
    helpValue: 'TIME',
    helpGroup: 'TURN',
  }),
  'dry-run': Flags.boolean({
    description: 'Print the command of the agent, do not run it.',
    helpGroup: 'TURN',
    allowNo: true,
  }),
  file: Flags.string({
    description: 'Read the prompt from a file.',
    helpValue: 'FILE',
    helpGroup: 'PROMPT',
    exclusive: ['stdin'],
  }),
  stdin: Flags.boolean({description: 'Append what is piped in to the prompt.', helpGroup: 'PROMPT'}),
  ephemeral: Flags.boolean({description: 'Keep nothing, here or in the agent.', helpGroup: 'SESSION'}),
  new: Flags.boolean({
    description: 'Begin a new session even where session.auto_resume is set.',
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
    description: 'How to print the answer.',
    options: ['text', 'json', 'stream-json'] as const satisfies OutputFormat[],
    helpGroup: 'OUTPUT',
  })(),
  json: Flags.boolean({
    description: 'The same as -o json.',
    helpGroup: 'OUTPUT',
    exclusive: ['output-format', 'raw'],
  }),
  raw: Flags.boolean({
    description: "Print the agent's own lines as they are.",
    helpGroup: 'OUTPUT',
    exclusive: ['output-format'],
  }),
  'show-tokens': Flags.boolean({
    description: 'Say how many tokens it took.',
    helpGroup: 'OUTPUT',
    allowNo: true,
  }),
  'show-timing': Flags.boolean({
    description: 'Say how long it took.',
    helpGroup: 'OUTPUT',
    allowNo: true,
  }),
  config: Flags.string({
    description: 'Settings file to use instead of ~/.clinvk/config.yaml.',
    helpValue: 'FILE',
    helpGroup: 'GLOBAL',
  }),
}
