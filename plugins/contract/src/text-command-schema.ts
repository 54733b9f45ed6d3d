import * as z from 'zod/mini'
import type {Capabilities, Descriptor, TextCommand, TextFailure} from './contract.js'
import {argument, isRegularExpression, listOf, must, objectsOf, oneOf} from './values.js'

/** The `command` of a descriptor. */
export function commandSchema({strict}: {strict: boolean}): z.ZodMiniType<TextCommand> {
  const object = objectsOf({strict})
  // A misspelt mode would be refused when it is asked for; it is better to say so before.
  const modes = objectsOf({strict: true})
  const failure = object<TextFailure>({
    exit: z.optional(z.int(must('a whole number'))),
    pattern: z.optional(z.custom<string>(isRegularExpression, must('a regular expression'))),
    outcome: oneOf(['session', 'auth', 'rate_limit', 'limit']),
  }).check(
    z.refine(({exit, pattern}) => exit !== undefined || pattern !== undefined, {
      error: 'must have `exit` or `pattern`',
    }),
  )
  return object<TextCommand>({
    args: words.check(
      z.refine((args) => args.join('\n').split('{prompt}').length <= 2, {
        error: 'has {prompt} more than once',
      }),
      z.refine((args) => !args.some((arg) => /\{(model|system_prompt|max_turns|tool|dir|id)\}/.test(arg)), {
        error: 'may only have the placeholder {prompt}: the others have lists of their own',
      }),
    ),
    model: z.optional(wordsWith('{model}')),
    systemPrompt: z.optional(wordsWith('{system_prompt}')),
    maxTurns: z.optional(wordsWith('{max_turns}')),
    allowedTools: z.optional(wordsWith('{tool}')),
    addDirs: z.optional(wordsWith('{dir}')),
    approval: z.optional(modes({auto: z.optional(words), none: z.optional(words)})),
    sandbox: z.optional(
      modes({'read-only': z.optional(words), workspace: z.optional(words), full: z.optional(words)}),
    ),
    ephemeral: z.optional(words),
    session: z.optional(object({new: wordsWith('{id}'), resume: wordsWith('{id}')})),
    version: z.optional(words),
    failures: z.optional(listOf(failure)),
  }).check(
    z.superRefine((command, context) => {
      const unknown = unknownPlaceholder(command)
      if (unknown === undefined) return
      context.addIssue({
        code: 'custom',
        message: `has ${unknown}, which is not a placeholder`,
        input: command,
      })
    }),
  )
}

/** What an agent that is described by a command can do: whatever its command has arguments for. */
export function capabilitiesOfCommand(command: TextCommand): Capabilities {
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

/** What the descriptor says beside its command, and the command cannot do. */
export function issueBesideCommand({
  capabilities,
  command,
  options,
}: Descriptor): {path: string[]; message: string} | undefined {
  if (command === undefined) return undefined
  if (options !== undefined)
    return {path: ['options'], message: 'needs a `module`: a `command` cannot use options'}
  const possible: Record<string, unknown> = {...capabilitiesOfCommand(command)}
  for (const [name, claimed] of Object.entries(capabilities)) {
    if (name === 'streaming' || claimed === false) continue
    const can = possible[name]
    const isPossible = Array.isArray(claimed)
      ? Array.isArray(can) && claimed.every((mode) => mode === 'default' || can.includes(mode))
      : can === true
    if (!isPossible) return {path: ['capabilities', name], message: 'is more than its `command` can do'}
  }

  return undefined
}

const words = listOf(argument)

function wordsWith(placeholder: string): z.ZodMiniType<string[]> {
  return words.check(
    z.refine((list) => list.some((word) => word.includes(placeholder)), {
      error: `must have ${placeholder} in it`,
    }),
  )
}

/** Patterns of failures are not looked at: they may have braces of their own. */
function unknownPlaceholder(command: TextCommand): string | undefined {
  return JSON.stringify({...command, failures: undefined})
    .match(/\{[a-z_]+\}/g)
    ?.find((word) => !PLACEHOLDERS.has(word))
}

const PLACEHOLDERS: ReadonlySet<string> = new Set([
  '{prompt}', '{model}', '{system_prompt}', '{max_turns}', '{tool}', '{dir}', '{id}',
]) // prettier-ignore
