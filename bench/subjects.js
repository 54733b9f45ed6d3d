import agentStart from './subjects/agent-start.js'
import commands from './subjects/commands.js'
import firstRun from './subjects/first-run.js'
import history from './subjects/history.js'
import historyLong from './subjects/history-long.js'
import latency from './subjects/latency.js'
import list from './subjects/list.js'
import longLine from './subjects/long-line.js'
import many from './subjects/many.js'
import mcp from './subjects/mcp.js'
import memory from './subjects/memory.js'
import others from './subjects/others.js'
import pause from './subjects/pause.js'
import plugins from './subjects/plugins.js'
import readOnly from './subjects/read-only.js'
import relay from './subjects/relay.js'
import serve from './subjects/serve.js'

/**
 * What is measured, in the order of the report. A subject has
 *
 * - `name`: for `--only`
 * - `rows`: what it measures; `unit` 'x' is a multiple of `node -e 0`; the goal is `most` or `least`, where they
 *   differ by version of Node `{20: …, 24: …}`: since 22, Node keeps what it has compiled
 * - `prepare(place)`: makes its home ready, and gives a function that runs it once and returns, or promises, the
 *   values of its rows: a number, or `{ms, base}` for a multiple
 * - `rounds`, where it takes long: how often it runs, without the first round that fills caches
 */
export const subjects = [
  commands,
  list,
  agentStart,
  firstRun,
  readOnly,
  plugins,
  mcp,
  memory,
  history,
  historyLong,
  latency,
  relay,
  longLine,
  pause,
  many,
  serve,
  others,
].flat()
