import type {TurnOutput} from 'clinvk-kit/turn/context'
import type {TurnResult} from 'clinvk-kit/turn/result'
import {errorText} from './error-text.js'
import {print, say} from './standard-streams.js'

/** For scripts: one object on stdout when the turn is over, whatever its end. */
export class JsonOutput implements TurnOutput {
  readonly needsContent = true

  start(): void {
    // Nothing is printed before the end.
  }

  event(): void {
    // The result holds what counts.
  }

  notice(message: string): void {
    say(`Note: ${message}\n`)
  }

  done(result: TurnResult): void | Promise<void> {
    if (result.error) say(errorText(result.error))
    return print(`${JSON.stringify(result, undefined, 2)}\n`)
  }
}
