import type {TurnOutput} from './context.js'

/**
 * An output that passes everything on, as a start for one that does some of it otherwise: an output may be an object of
 * a class, whose methods no spread copies.
 */
export function forwardedOutput(output: TurnOutput): TurnOutput {
  return {
    needsContent: output.needsContent,
    start: (turn) => output.start(turn),
    event: (event) => output.event(event),
    raw: output.raw && ((line) => output.raw!(line)),
    watch: output.watch && ((event) => output.watch!(event)),
    waiting: output.waiting && ((until) => output.waiting!(until)),
    notice: (message) => output.notice(message),
    done: (result) => output.done(result),
  }
}
