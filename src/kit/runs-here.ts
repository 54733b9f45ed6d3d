import {setMaxListeners} from 'node:events'
import type {Config} from '@oclif/core'
import {ioOf} from 'clinvk-kit/command'
import {Failure} from 'clinvk-kit/errors/failure'
import type {RunCall, RunData, RunRequest} from 'clinvk-kit/for-plugins/kit'
import {randomHex} from 'clinvk-kit/format/random-id'
import type {Interrupts, IO} from 'clinvk-kit/io'
import {checkRunFile} from 'clinvk-kit/runs/check-run-file'
import {runComparison} from 'clinvk-kit/runs/compare'
import {planRun} from 'clinvk-kit/runs/kept-run'
import {reportJson, type RunView} from 'clinvk-kit/runs/result'
import {promptSchema} from 'clinvk-kit/runs/run-file-schema'
import {type KeptRun, readRun, runJson} from 'clinvk-kit/runs/store/kept-runs'
import type {TurnOutput} from 'clinvk-kit/turn/context'
import {TURN_OPTIONS, type TurnOption, type TurnOptionFlags} from 'clinvk-kit/turn/request'
import {lookAround, type Surroundings} from 'clinvk-kit/turn/surroundings'
import type {TurnList} from './turn-list.js'

interface RunningRun {
  cancel(): void
  readonly ended: Promise<unknown>
}

/** The runs that plugins start in this process. */
export class RunsHere {
  readonly #running = new Map<string, RunningRun>()
  readonly #io: IO

  constructor(
    readonly config: Config,
    readonly turns: TurnList,
  ) {
    this.#io = ioOf(config)
  }

  /** `Kit.run`. */
  async run(request: RunRequest, call: RunCall): Promise<RunData> {
    const {env, hurry, stop} = call
    const id = randomHex()
    const own = new AbortController()
    const interrupts = {stop: AbortSignal.any([stop, own.signal]), hurry}
    setMaxListeners(0, interrupts.stop)
    const cancel = () => own.abort('SIGTERM')
    const found = await lookAround(this.config, this.#io, {workdir: request.directory})
    const context: Surroundings = {
      ...found,
      async turn(to, directory) {
        const turn = await found.turn(to, directory)
        return {...turn, env: {...turn.env, ...env}}
      },
    }
    let data: object = {}
    const view: RunView = {
      keepsContent: true,
      notice: (message) => call.notice?.(message),
      begin({tasks}) {
        call.started?.(id, tasks.map(about))
        for (const note of context.notes) call.notice?.(note)
      },
      output: (task) => this.turns.listed(call.output?.(about(task)) ?? SILENT, cancel, id),
      end(report) {
        data = reportJson(report)
      },
    }
    const running = this.#start(id, request, context, view, interrupts)
    this.#running.set(id, {cancel, ended: running.catch(() => undefined)})
    try {
      await running
    } finally {
      this.#running.delete(id)
    }
    // As it would be printed: dates are texts, and what is absent is left out.
    return JSON.parse(JSON.stringify(data)) as RunData
  }

  /** `Kit.runs.cancel`. */
  async cancel(run: KeptRun): Promise<RunData> {
    const {id} = run.description
    const here = this.#running.get(id)
    if (!here) {
      const message = `Run ${id.slice(0, 8)} does not run here.`
      throw new Failure('session', message, [`See: clinvk runs show ${id.slice(0, 8)}`])
    }
    here.cancel()
    await here.ended
    return JSON.parse(JSON.stringify(runJson(readRun(run)))) as RunData
  }

  async #start(
    id: string,
    request: RunRequest,
    context: Surroundings,
    view: RunView,
    interrupts: Interrupts,
  ): Promise<void> {
    if (request.kind !== 'compare') {
      const {file, kind: command} = request
      const started_at = this.#io.now().toISOString()
      const description = {
        version: 1,
        id,
        command,
        started_at,
        place: context.place,
        flags: {},
        file,
      } as const
      const planned = await planRun(this.config, description, context, {isShared: true, view})
      await planned.run(interrupts)
      return
    }

    const {backends: names, ephemeral, from, options, prompt, sequential} = request
    const flags = {
      ...flagsFrom(checkRunFile(promptSchema, {...options, prompt})),
      ephemeral,
      backend: undefined,
    }
    await runComparison({id, prompt, names, flags, from, sequential}, context, view, interrupts)
  }
}

/** Fields of a task as the flags of a command. */
function flagsFrom(fields: Readonly<Record<string, unknown>>): TurnOptionFlags {
  const options: readonly TurnOption[] = Object.values(TURN_OPTIONS)
  return Object.fromEntries(options.flatMap(({field, flag}) => (flag ? [[flag, fields[field]]] : [])))
}

function about({label, number}: {label: string; number: number}) {
  return {label, number}
}

const ignore = () => undefined
const SILENT: TurnOutput = {needsContent: true, start: ignore, event: ignore, notice: ignore, done: ignore}
