import type {TurnEvent} from 'clinvk-contract'
import type {OutputFormat} from 'clinvk-kit/settings/settings'
import type {TurnOutput} from 'clinvk-kit/turn/context'
import type {Printer} from './printer.js'
import {TextOutput, type TextOptions} from './text-output.js'

export function createOutput(format: OutputFormat, printer: Printer, options: TextOptions): TurnOutput {
  switch (format) {
    case 'text':
      return new TextOutput(printer, options)
    case 'json':
      return jsonOutput(printer)
    case 'stream-json':
      return streamJsonOutput(printer, {first: {version: 1}})
  }
}

/** For scripts: the result as one object when the turn is over. */
function jsonOutput(printer: Printer): TurnOutput {
  return {
    needsContent: true,
    start() {},
    event() {},
    notice: (message) => printer.note(message),
    done(result) {
      if (result.error) printer.error(result.error)
      return printer.printJson(result)
    },
  }
}

/** For programs: each event as it comes, an object a line. `first` and `each`: further fields of the first and of each. */
export function streamJsonOutput(
  printer: Printer,
  {first = {}, each = {}}: {first?: object; each?: object},
): TurnOutput {
  let next = {...first, ...each}
  let session: string | undefined
  const line = (type: string, fields: object) => {
    const all = {...next, ...fields}
    next = each
    return printer.printLine(type, all)
  }
  return {
    needsContent: true,
    start({sessionId}) {
      session = sessionId
    },
    event(event: TurnEvent) {
      // Our own id beside the agent's: from the first event on, a program knows what it can resume.
      return line(event.type, event.type === 'session' ? {...event, session_id: session} : event)
    },
    notice: (message) => void line('notice', {message}),
    done(result) {
      if (result.error) printer.error(result.error)
      return line('done', result)
    },
  }
}
