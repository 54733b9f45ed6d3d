import {randomBytes} from 'node:crypto'
import type {Config} from '@oclif/core'
import {isFailure} from 'clinvk-kit/failure'
import {ioOf} from 'clinvk-kit/command'
import type {IO} from 'clinvk-kit/io'
import type {OutputFormat} from 'clinvk-kit/settings/settings'
import {createOutput} from '../output/create-output.js'
import {failureResult} from '../output/failure-result.js'
import {keepStdout} from '../output/standard-streams.js'
import {lookAround, type Surroundings} from '../turn-surroundings.js'

/** What the turns of one run have in common. */
export interface Run {
  /** 32 hexadecimal digits. */
  readonly id: string
  readonly format: OutputFormat
  readonly io: IO
  readonly surroundings: Surroundings
  /** What the user should know of settings and plugins; given once. */
  takeNotes(): readonly string[]
}

interface RunFlags {
  readonly config?: string | undefined
  readonly workdir?: string | undefined
  readonly json: boolean
  readonly 'output-format'?: OutputFormat | undefined
}

/** Runs what `work` does, which gives the exit code. A Failure is told in the format that was asked for. */
export async function startRun(
  config: Config,
  flags: RunFlags,
  work: (run: Run) => Promise<number>,
): Promise<void> {
  const release = keepStdout()
  try {
    const surroundings = await lookAround(config, flags)
    const {output} = surroundings.settings
    if (!output.color) process.env.NO_COLOR = '1'
    const configured = output.format === 'default' ? 'text' : output.format
    const format = flags.json ? 'json' : (flags['output-format'] ?? configured)
    const notes = [...surroundings.notes]
    const takeNotes = () => notes.splice(0)
    try {
      process.exitCode = await work({
        id: randomBytes(16).toString('hex'),
        io: ioOf(config),
        format,
        surroundings,
        takeNotes,
      })
    } catch (error) {
      if (!isFailure(error) || error.kind === 'internal') throw error
      const result = failureResult(error)
      const output = createOutput(format, {showTokens: false, showTiming: false, raw: false})
      for (const note of takeNotes()) output.notice(note)
      await output.done(result)
      process.exitCode = result.exit_code
    }
  } finally {
    release()
  }
}
