import {isAbsolute} from 'node:path'
import * as z from 'zod/mini'
import type * as contract from './contract.js'
// prettier-ignore
import {
  argument, each, flag, isLine, line, listOf, may, must, type ObjectSchema, objectsOf, oneOf, recordOf, type Schema,
  textThat, TOKEN_COUNTS,
} from './values.js'

export function descriptorSchema(object: ObjectSchema): Schema<contract.Descriptor> {
  const option = object<contract.OptionDescriptor>({
    type: oneOf(['string', 'boolean', 'integer', 'list']),
    description: line,
    values: may(listOf(line).check(z.minLength(1, must('a list with at least one value')))),
  })
  const place = textThat(isPlace, 'a path that begins with ~, $NAME or /')
  const size = z.int(must('a whole number')).check(z.positive(must('more than 0')))
  const capabilities = object<contract.Capabilities>({
    ...each(SWITCHES, may(flag)),
    approval: may(listOf(oneOf(['default', 'auto', 'none', 'always']))),
    sandbox: may(listOf(oneOf(['default', 'read-only', 'workspace', 'full']))),
    usage: may(listOf(oneOf([...TOKEN_COUNTS, 'models']))),
  })
  return object<contract.Descriptor>({
    module: may(textThat(isPathInside, 'a path inside the package')),
    command: may(commandSchema(object)),
    title: line,
    executable: textThat(isExecutable, 'the name of a program, or a script for Node inside the package'),
    install: line,
    ...each(['signIn', 'supportedFrom', 'tested'], may(line)),
    models: may(recordOf(line, isLine, 'a name for a model')),
    limits: may(object(each(['promptBytes', 'promptCharacters', 'promptUnits', 'contextTokens'], may(size)))),
    ...each(['directories', 'signInFiles'], may(listOf(place))),
    options: may(
      recordOf(
        option,
        (name) => /^[a-z][a-z0-9_]{0,63}$/.test(name) && !RESERVED_OPTIONS.has(name),
        'a name for an option',
      ),
    ),
    capabilities,
  }).check(
    z.refine(
      ({command, module}) => (command === undefined) !== (module === undefined),
      'must have either `module` or `command`',
    ),
    z.refine(({command, options}) => command === undefined || options === undefined, {
      path: ['options'],
      error: 'needs a `module`: a `command` cannot use options',
    }),
  )
}

function commandSchema(object: ObjectSchema): Schema<contract.TextCommand> {
  const words = listOf(argument)
  const wordsWith = (placeholder: string) =>
    words.check(z.refine((list) => list.join('\n').includes(placeholder), `must have ${placeholder} in it`))
  // A misspelt mode would be refused when it is asked for; it is better to say so before.
  const modes = objectsOf({strict: true})
  const failure = object<contract.TextFailure>({
    exit: may(z.int(must('a whole number'))),
    pattern: may(textThat(isRegularExpression, 'a regular expression')),
    outcome: oneOf(['session', 'auth', 'rate_limit', 'limit']),
  }).check(
    z.refine((wanted) => (wanted.exit ?? wanted.pattern) !== undefined, 'must have `exit` or `pattern`'),
  )
  return object<contract.TextCommand>({
    args: words.check(
      z.refine((args) => args.join('\n').split('{prompt}').length <= 2, 'has {prompt} more than once'),
      z.refine(
        (args) => !/\{(model|system_prompt|max_turns|tool|dir|id)\}/.test(args.join('\n')),
        'may only have the placeholder {prompt}: the others have lists of their own',
      ),
    ),
    model: may(wordsWith('{model}')),
    systemPrompt: may(wordsWith('{system_prompt}')),
    maxTurns: may(wordsWith('{max_turns}')),
    allowedTools: may(wordsWith('{tool}')),
    addDirs: may(wordsWith('{dir}')),
    approval: may(modes({auto: may(words), none: may(words)})),
    sandbox: may(modes({'read-only': may(words), workspace: may(words), full: may(words)})),
    ephemeral: may(words),
    session: may(object({new: wordsWith('{id}'), resume: wordsWith('{id}')})),
    version: may(words),
    failures: may(listOf(failure)),
  }).check(
    z.refine((command) => unknownPlaceholder(command) === undefined, {
      error: ({input}) => `has ${unknownPlaceholder(input)}, which is not a placeholder`,
    }),
  )
}

/** Patterns of failures are not looked at: they may have braces of their own. */
function unknownPlaceholder(command: unknown): string | undefined {
  const lists = JSON.stringify({...(command as contract.TextCommand), failures: undefined})
  return UNKNOWN_PLACEHOLDER.exec(lists)?.[0]
}

/** A script of the package is run by Node, which knows other endings as an error. */
function isExecutable(value: string): boolean {
  return (
    isLine(value) &&
    (!value.startsWith('.') || (isPathInside(value) && /\.[cm]?js$|(^|\/)[^./]+$/.test(value)))
  )
}

/** Never relative: what is found must not depend on the current directory. */
function isPlace(value: string): boolean {
  return isLine(value) && (isAbsolute(value) || /^(~|\$[A-Za-z_]\w*)(\/|$)/.test(value))
}

function isPathInside(path: string): boolean {
  return isLine(path) && !isAbsolute(path) && !path.split(/[/\\]/).includes('..')
}

function isRegularExpression(pattern: string): boolean {
  try {
    return new RegExp(pattern) instanceof RegExp
  } catch {
    return false
  }
}

const UNKNOWN_PLACEHOLDER = /\{(?!(?:prompt|model|system_prompt|max_turns|tool|dir|id)\})[a-z_]+\}/
const SWITCHES = [
  'resume', 'fork', 'ephemeral', 'streaming', 'systemPrompt', 'maxTurns', 'maxCost', 'allowedTools', 'addDirs',
  'schema', 'usageWhileRunning',
] as const // prettier-ignore
/** Settings that every backend has, and what every object has. */
const RESERVED_OPTIONS: ReadonlySet<string> = new Set([
  'constructor', 'enabled', 'model', 'approval_mode', 'sandbox_mode', 'allowed_tools', 'system_prompt', 'extra_flags',
]) // prettier-ignore
