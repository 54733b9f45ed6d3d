import {isAbsolute} from 'node:path'
import * as z from 'zod/mini'
import type {Capabilities, Contribution, Descriptor, OptionDescriptor} from './contract.js'
import {commandSchema, issueBesideCommand} from './text-command-schema.js'
import {type Fields, flag, isLine, line, listOf, must, objectsOf, oneOf, recordOf} from './values.js'

/** The key `clinvk` of a package.json. What passes is safe to print, to complete and to use. */
export function contributionSchema({strict}: {strict: boolean}): z.ZodMiniType<Contribution> {
  const object = objectsOf({strict})
  const option = object<OptionDescriptor>({
    type: oneOf(['string', 'boolean', 'integer', 'list']),
    description: line,
    values: z.optional(listOf(line).check(z.minLength(1, must('a list with at least one value')))),
  })
  const fields: Fields<Descriptor> = {
    module: z.optional(pathInside),
    command: z.optional(commandSchema({strict})),
    title: line,
    executable,
    install: line,
    signIn: z.optional(line),
    supportedFrom: z.optional(line),
    tested: z.optional(line),
    models: z.optional(recordOf(line, {isName: isLine, is: 'a name for a model'})),
    limits: z.optional(
      extensible<NonNullable<Descriptor['limits']>>({
        promptBytes: z.optional(size),
        promptCharacters: z.optional(size),
        promptUnits: z.optional(size),
      }),
    ),
    directories: z.optional(listOf(place)),
    options: z.optional(recordOf(option, OPTION_NAME)),
    signInFiles: z.optional(listOf(place)),
    capabilities: extensible<Capabilities>({
      resume: z.optional(flag),
      ephemeral: z.optional(flag),
      streaming: z.optional(flag),
      systemPrompt: z.optional(flag),
      maxTurns: z.optional(flag),
      allowedTools: z.optional(flag),
      addDirs: z.optional(flag),
      approval: z.optional(listOf(oneOf(['default', 'auto', 'none', 'always']))),
      sandbox: z.optional(listOf(oneOf(['default', 'read-only', 'workspace', 'full']))),
      usage: z.optional(
        listOf(
          oneOf([
            'input_tokens',
            'output_tokens',
            'cached_tokens',
            'reasoning_tokens',
            'total_tokens',
            'models',
          ]),
        ),
      ),
      usageWhileRunning: z.optional(flag),
    }),
  }

  /** An object whose unknown fields are shown to users, so they must be plain values. */
  function extensible<T>(known: Fields<T>): z.ZodMiniType<T> {
    if (strict) return object<T>(known)
    const shape = known as Record<string, z.ZodMiniType>
    return z
      .catchall(z.object(shape, must('an object')), z.union([plain, listOf(plain)], must('a plain value')))
      .check(
        z.refine((value) => Object.keys(value).every((name) => /^[A-Za-z]+$/.test(name)), {
          error: 'must have names of letters only',
        }),
      ) as unknown as z.ZodMiniType<T>
  }

  const descriptor = object<Descriptor>(fields).check(
    z.refine(({command, module}) => (command === undefined) !== (module === undefined), {
      error: 'must have either `module` or `command`',
    }),
    z.superRefine((value, context) => {
      const issue = issueBesideCommand(value)
      if (issue !== undefined) context.addIssue({code: 'custom', ...issue, input: value})
    }),
  )
  return object<Contribution>({
    contract: z.literal(1, must('1')),
    backends: recordOf(descriptor, BACKEND_NAME),
  })
}

/** `constructor` is excluded because every object has one. */
const BACKEND_NAME = {
  isName: (name: string) => /^[a-z][a-z0-9-]{0,63}$/.test(name) && name !== 'constructor',
  is: 'a name for a backend (lower-case letters, digits, dashes)',
}
/** The reserved ones are settings that every backend has. */
const OPTION_NAME = {
  isName: (name: string) => /^[a-z][a-z0-9_]{0,63}$/.test(name) && !RESERVED_OPTIONS.has(name),
  is: 'a name for an option',
}
const RESERVED_OPTIONS: ReadonlySet<string> = new Set([
  'constructor', 'enabled', 'model', 'approval_mode', 'sandbox_mode', 'allowed_tools', 'system_prompt', 'extra_flags',
]) // prettier-ignore

const plain = z.custom(
  (value) => typeof value === 'boolean' || Number.isFinite(value) || isLine(value),
  must('a plain value'),
)
const size = z.int(must('a whole number')).check(z.positive(must('more than 0')))
const pathInside = z.custom<string>(isPathInside, must('a path inside the package'))
/** A script of the package is run by Node, which knows other endings as an error. */
const executable = z.custom<string>(
  (value) =>
    isLine(value) &&
    (!value.startsWith('.') || (isPathInside(value) && /\.[cm]?js$|(^|\/)[^./]+$/.test(value))),
  must('the name of a program, or a script for Node inside the package'),
)
/** Never relative: what is found must not depend on the current directory. */
const place = z.custom<string>(
  (value) => isLine(value) && (isAbsolute(value) || /^(~|\$[A-Za-z_]\w*)(\/|$)/.test(value)),
  must('a path that begins with ~, $NAME or /'),
)

function isPathInside(value: unknown): boolean {
  return isLine(value) && !isAbsolute(value) && !value.split(/[/\\]/).includes('..')
}
