import type {Config} from '@oclif/core'
import {ioOf} from 'clinvk-kit/command'
import type {OutputFormat} from 'clinvk-kit/turn/request'
import {lookAround, type Surroundings} from 'clinvk-kit/turn/surroundings'
import {outputChoice, type OutputFlags} from '../output/format.js'
import {Printer} from '../output/printer.js'
import type {ClinvkConfig} from '../startup/clinvk-config.js'

export interface PromptContext extends Surroundings {
  readonly printer: Printer
  readonly format: OutputFormat
}

export interface ContextFlags extends OutputFlags {
  readonly config?: string
  readonly workdir?: string
}

/** Reads settings, finds backends and decides how to print. Throws a Failure of kind `config`. */
export async function loadContext(config: Config, flags: ContextFlags): Promise<PromptContext> {
  const io = ioOf(config)
  const surroundings = await lookAround(config, io, {file: flags.config, workdir: flags.workdir})
  const output = outputChoice(flags, surroundings.settings)
  // From here on errors are reported in this format, too.
  Object.assign(config, {output} satisfies Partial<ClinvkConfig>)
  return {...surroundings, printer: new Printer(io, output), format: output.format}
}
