import type {OutputFormat} from 'clinvk-kit/settings/settings'
import type {TurnOutput} from 'clinvk-kit/turn/context'
import {JsonOutput} from './json-output.js'
import {StreamJsonOutput} from './stream-json-output.js'
import type {Printer} from './printer.js'
import {TextOutput, type TextOptions} from './text-output.js'

export function createOutput(format: OutputFormat, printer: Printer, options: TextOptions): TurnOutput {
  switch (format) {
    case 'text':
      return new TextOutput(printer, options)
    case 'json':
      return new JsonOutput(printer)
    case 'stream-json':
      return new StreamJsonOutput(printer)
  }
}
