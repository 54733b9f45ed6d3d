import {spawnSync} from 'node:child_process'
import {hrtime} from 'node:process'

/**
 * The milliseconds from start to end of one run of Node. It fails when the run fails: what ends
 * early is fast, and would count as good.
 *
 * The environment is made anew: NODE_EXTRA_CA_CERTS alone, which some machines set, more than doubles
 * what Node 20 needs to start, and so halves every ratio.
 */
export function timeNode(args, home) {
  const env = {PATH: process.env.PATH, HOME: home, TMPDIR: home, TERM: 'dumb', LANG: 'C.UTF-8'}
  const started = hrtime.bigint()
  const {error, signal, status, stderr} = spawnSync(process.execPath, args, {
    cwd: home,
    env,
    encoding: 'utf8',
  })
  const ms = Number(hrtime.bigint() - started) / 1e6
  if (error) throw error
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${signal ?? status}.\n${stderr}`)
  return ms
}
