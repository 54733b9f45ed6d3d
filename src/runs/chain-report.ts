import {resultJson, timesJson, type RunReport} from './result-json.js'

/** What `chain --json` prints; `total` is the number of steps that were to run. */
export function chainJson({results, id, ...times}: RunReport, total: number): object {
  const failed = results.find(({result}) => result.outcome !== 'success')
  return {
    run_id: id,
    total_steps: total,
    completed_steps: results.filter(({result}) => result.outcome === 'success').length,
    ...(failed === undefined ? {} : {failed_step: failed.task.number}),
    results: results.map((done) => ({
      step: done.task.number,
      ...(done.task.name === undefined ? {} : {name: done.task.name}),
      ...resultJson(done),
    })),
    ...timesJson(times),
  }
}
