import type {RunningTurn} from 'clinvk-kit/for-plugins/kit'
import {randomHex} from 'clinvk-kit/format/random-id'
import type {TurnOutput} from 'clinvk-kit/turn/context'

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
      needsContent: output.needsContent,
      start: (turn) => {
        this.#turns.set(id, {id, ...turn, since, run, cancel})
        output.start(turn)
      },
      event: (event) => output.event(event),
      raw: output.raw && ((line) => output.raw!(line)),
      watch: output.watch && ((event) => output.watch!(event)),
      waiting: output.waiting && ((until) => output.waiting!(until)),
      notice: (message) => output.notice(message),
      done: (result) => {
        this.#turns.delete(id)
        return output.done(result)
      },
    }
  }
}
