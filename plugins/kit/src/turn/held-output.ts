import type {TurnOutput} from './context.js'

export interface HeldOutput extends TurnOutput {
  /** What the agent has told since the last `start`, also where its raw lines are printed. */
  readonly seen: {text: boolean; tools: boolean}
}

/** The output of several turns that are one for the user: `output` is told everything but their results. */
export function heldOutput(output: TurnOutput): HeldOutput {
  const seen = {text: false, tools: false}
  return {
    ...forwardedOutput(output),
    seen,
    start(turn) {
      Object.assign(seen, {text: false, tools: false})
      output.start(turn)
    },
    watch(event) {
      if (event.type === 'text') seen.text = true
      else if (event.type === 'tool_call') seen.tools = true
      output.watch?.(event)
    },
    done: () => undefined,
  }
}

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
