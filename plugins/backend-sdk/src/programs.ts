import type {Invocation, ProgramAnswer, Question} from 'clinvk-contract'

/** Removes variables from the agent's environment, such as those that make it believe that it runs inside another agent. */
export function unset(names: readonly string[]): Record<string, undefined> {
  return Object.fromEntries(names.map((name) => [name, undefined]))
}

/** Asks an agent for its version: the first number with two dots that it prints. */
export function versionQuestion(env?: Invocation['env']): Question {
  return {
    kind: 'program',
    args: ['--version'],
    env,
    read: ({stdout}: ProgramAnswer) => ({version: /\d+\.\d+\.\d+[\w.-]*/.exec(stdout)?.[0]}),
  }
}

/** The first of these fields that is a text: what a tool works on, for people. */
export function firstText(
  input: Readonly<Record<string, unknown>> | undefined,
  fields: readonly string[],
): string | undefined {
  return fields.map((field) => input?.[field]).find((value) => typeof value === 'string' && value !== '') as
    string | undefined
}
