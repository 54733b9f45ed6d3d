import type {AgentExit, BackendEvent, Reader, Verdict} from 'clinvk-contract'
import {oneLine} from '../format/one-line.js'
import {messageOf} from '../message-of.js'
import {isRecord, quoted} from './shapes.js'
import {isSound} from './sound-event.js'

/**
 * A reader that never throws and gives only events of the contract. A line that
 * it fails on is kept as `unparsed`, and said once: it may fail on every line.
 */
export function carefulReader(reader: Reader, name: string): Reader {
  let isSaid = false
  const lost = (line: string, why: string): BackendEvent[] => {
    const unparsed: BackendEvent = {type: 'unparsed', line}
    if (isSaid) return [unparsed]
    isSaid = true
    return [{type: 'notice', message: `The backend ${name} failed on a line of its agent: ${why}`}, unparsed]
  }

  const read = (give: () => readonly BackendEvent[], line: string): readonly BackendEvent[] => {
    let events
    try {
      events = give()
      if (!Array.isArray(events)) return lost(line, 'it gives no list of events')
      if (events.every((event) => isSound(event))) return events
    } catch (error) {
      return lost(line, oneLine(messageOf(error)))
    }

    const given: readonly unknown[] = events
    const wrong = given.find((event) => !isSound(event))
    return [
      ...given.filter((event) => isSound(event)),
      ...lost(
        line,
        `it gives an event that is none: ${isRecord(wrong) ? quoted(wrong.type) : quoted(wrong)}`,
      ),
    ]
  }

  return {
    line: (line) => read(() => reader.line(line), line),
    ...(reader.errorLine ? {errorLine: (line: string) => read(() => reader.errorLine!(line), line)} : {}),
    end: (exit: AgentExit): Verdict => {
      try {
        return reader.end(exit)
      } catch (error) {
        const message = `The backend ${name} failed at the end of the turn: ${oneLine(messageOf(error))}`
        return {outcome: 'failed', message}
      }
    },
  }
}
