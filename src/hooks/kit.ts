import type {Config} from '@oclif/core'
import {ioOf} from 'clinvk-kit/command'
import {failureResult} from 'clinvk-kit/turn/result'
import type {Kit, RunData} from 'clinvk-kit/for-plugins/kit'
import {findRun, listRuns, readRun, runJson} from 'clinvk-kit/runs/store/kept-runs'
import {clinvkHome} from 'clinvk-kit/settings/files'
import {lookAround} from 'clinvk-kit/turn/surroundings'
import {asFailure} from '../errors/report-error.js'
import {RunsHere} from '../kit/runs-here.js'
import {send} from '../kit/send.js'
import {TurnList} from '../kit/turn-list.js'

/** Answers `kit`: what a plugin needs to run turns. */
export default function kit({config}: {readonly config: Config}): Promise<Kit> {
  const io = ioOf(config)
  const {env} = io
  const failed = (error: unknown) => {
    const failure = asFailure(error, '', env)
    if (failure.kind === 'internal') throw error
    return failureResult(failure)
  }
  const turns = new TurnList()
  const runs = new RunsHere(config, turns)
  return Promise.resolve({
    version: 1,
    clinvk: config.version,
    home: clinvkHome(env),
    lookAround: (directory) => lookAround(config, io, {workdir: directory}),
    prompt: (request, call) => send(request, call, {config, turns, failed}),
    run: runs.run.bind(runs),
    runs: {
      list() {
        const {problems, runs} = listRuns(env)
        const unread = problems.map(({id, message}) => ({id, error: message}))
        return [...runs.map(({summary}) => ({...summary})), ...unread]
      },
      show: (reference) => asData(runJson(readRun(findRun(reference, env)))),
      cancel: (reference) => runs.cancel(findRun(reference, env)),
    },
    turns: () => turns.all(),
    failed,
  })
}

/** As it would be printed: dates are texts, and what is absent is left out. */
function asData(value: object): RunData {
  return JSON.parse(JSON.stringify(value)) as RunData
}
