import type {RunningTurn} from 'clinvk-kit/for-plugins/kit'
import {randomHex} from 'clinvk-kit/format/random-id'
import type {TurnOutput} from 'clinvk-kit/turn/context'
import {forwardedOutput} from 'clinvk-kit/turn/held-output'

/** The turns that plugins run in this process. */
export class TurnList {
  readonly #turns = new Map<string, RunningTurn>()

  all(): RunningTurn[] {
    return [...this.#turns.values()]
  }

  /** The same output, whose turn is in the list from its start to its end. */
  listed(output: TurnOutput, cancel: () => void, run?: string): TurnOutput {
    const id = randomHex()
    const since = new Date()
    return {
      ...forwardedOutput(output),
      start: (turn) => {
        this.#turns.set(id, {id, ...turn, since, run, cancel})
        output.start(turn)
      },
      done: (result) => {
        this.#turns.delete(id)
        return output.done(result)
      },
    }
  }
}
