import type {PreparedTurn} from './prepare.js'

/** The words of the agent's command. Apart, because every command can print them, and few prepare a turn. */
export function commandOf({executable, invocation}: PreparedTurn): string[] {
  return [executable.file, ...executable.leading, ...invocation.args]
}
