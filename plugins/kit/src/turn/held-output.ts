import type {TurnOutput} from './context.js'

export interface HeldOutput extends TurnOutput {
  /** What the agent has told since the last `start`, also where its raw lines are printed. */
  readonly seen: {text: boolean; tools: boolean}
}

/** The output of several turns that are one for the user: everything goes on to `output` but their results. */
export function heldOutput(output: TurnOutput): HeldOutput {
  const seen = {text: false, tools: false}
  return {
    needsContent: output.needsContent,
    seen,
    start(turn) {
      Object.assign(seen, {text: false, tools: false})
      output.start(turn)
    },
    event: (event) => output.event(event),
    raw: output.raw && ((line) => output.raw?.(line)),
    watch(event) {
      if (event.type === 'text') seen.text = true
      else if (event.type === 'tool_call') seen.tools = true
      output.watch?.(event)
    },
    waiting: (until) => output.waiting?.(until),
    notice: (message) => output.notice(message),
    done: () => undefined,
  }
}
