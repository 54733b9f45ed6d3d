import {randomUUID} from 'node:crypto'
import {mkdir, mkdtemp, readdir, readFile, realpath, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {Json, TurnEvent} from 'clinvk-contract'
import {findExecutable, notInstalled} from 'clinvk-kit/backends/find-executable'
import {Failure} from 'clinvk-kit/errors/failure'
import {processTable} from 'clinvk-kit/process/process-tree'
import {DEFAULTS} from 'clinvk-kit/settings/settings'
import {directoriesOf} from 'clinvk-kit/turn/agent-files'
import type {TurnContext, TurnSessionRecord} from 'clinvk-kit/turn/context'
import {prepareTurn} from 'clinvk-kit/turn/prepare'
import type {TurnRequest} from 'clinvk-kit/turn/request'
import type {TurnResult} from 'clinvk-kit/turn/result'
import {runTurn} from 'clinvk-kit/turn/run-turn'
import type {BackendPackage} from '../backend-package.js'
import {type CheckResult, type ConformanceReport, countsOf, fail, runCheck} from '../check.js'
import {LIVE_CHECKS, PROVES} from './checks.js'

export interface LiveOptions {
  /** What points the agent to its endpoint and account; nothing else of the environment is passed on but PATH. */
  readonly env: Readonly<Record<string, string>>
  /** The home directory of the agent. A temporary one, removed afterwards, when not given. */
  readonly home?: string
  readonly model?: string
  readonly stop: AbortSignal
  readonly onBegin?: (title: string) => void
}

/** What a turn is asked to do; a new one, if not said otherwise. */
export interface TurnWish extends Pick<TurnRequest, 'prompt' | 'sandbox'> {
  readonly resumes?: PlayedTurn
  readonly isEphemeral?: boolean
  /** Called with each event; `end` stops the turn as Ctrl-C does. */
  readonly onEvent?: (event: TurnEvent, end: () => void) => void
}

/** A turn as clinvk runs it, but for the settings, the hooks and the session store. */
export interface PlayedTurn {
  readonly result: TurnResult
  readonly events: readonly TurnEvent[]
  /** What the backend keeps with the session. */
  readonly state?: Json
}

/** The real agent, and what a check does with it. */
export type LiveBench = Awaited<ReturnType<typeof liveBench>>

/**
 * Checks a backend with its real agent, on the account that `env` names. Throws
 * a Failure of kind `unavailable` when the agent is not installed.
 */
export async function testLive(
  pack: BackendPackage,
  name: string,
  options: LiveOptions,
): Promise<CheckResult[]> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'clinvk-conformance-')))
  try {
    const bench = await liveBench(pack, name, root, options)
    const results: CheckResult[] = []
    for (const check of LIVE_CHECKS) {
      if (options.stop.aborted) break
      options.onBegin?.(check.title)
      results.push(await runCheck(check, bench))
    }

    return results
  } finally {
    await rm(root, {recursive: true, force: true, maxRetries: 5, retryDelay: 100})
  }
}

/** The report of both levels. */
export function withLive(report: ConformanceReport, live: readonly CheckResult[]): ConformanceReport {
  const checks = [...report.checks, ...live]
  const proven = live.filter(({state}) => state === 'ok').map(({id}) => PROVES[id])
  return {
    ...report,
    level: 'live',
    ok: report.ok && live.length === LIVE_CHECKS.length && live.every(({state}) => state !== 'failed'),
    checks,
    counts: countsOf(checks),
    not_proven: report.not_proven.filter((capability) => !proven.includes(capability)),
  }
}

async function liveBench(
  {backends, problems}: BackendPackage,
  name: string,
  root: string,
  options: LiveOptions,
) {
  const entry = backends.get(name)
  if (!entry) throw new Failure('unavailable', problems.join(' '))
  const {descriptor} = entry
  const [ownHome, project, temporary] = ['home', 'project', 'tmp'].map((part) => join(root, part)) as [
    string, string, string,
  ] // prettier-ignore
  for (const path of [ownHome, project, temporary]) await mkdir(path, {mode: 0o700})
  const {home = ownHome, model, stop} = options
  const {PATH = ''} = process.env
  const env = {PATH, HOME: home, TMPDIR: temporary, LANG: 'C.UTF-8', TERM: 'dumb', ...options.env}
  if (!findExecutable(entry, env)) throw notInstalled(entry, {backends, env, settings: DEFAULTS})

  /** Where the agent may leave something. */
  const places = new Set([...directoriesOf(descriptor.directories ?? [], env), ownHome, temporary])
  const nothing = () => Promise.resolve(undefined)
  return {
    capabilities: descriptor.capabilities,
    /** The turn of the first check, which others look at, too. */
    first: undefined as PlayedTurn | undefined,

    /** Runs a real turn. */
    async turn({isEphemeral, onEvent, resumes, ...wish}: TurnWish): Promise<PlayedTurn> {
      const events: TurnEvent[] = []
      let {state} = resumes ?? {}
      const id =
        resumes && (resumes.result.backend_session_id ?? fail('a session id', 'The agent told none.'))
      const record: TurnSessionRecord = {
        id: randomUUID(),
        continues: resumes && {backend: name, workingDir: project, backendSessionId: id, state},
        notices: [],
        begin: nothing,
        update(change) {
          state = change.state ?? state
          return nothing()
        },
        finish: nothing,
      }
      const cancel = new AbortController()
      const context: TurnContext = {
        cwd: project,
        env: {...env, [MARK]: project},
        settings: DEFAULTS,
        settingsIn: () => Promise.resolve(DEFAULTS),
        backends: new Map([[name, entry]]),
        hooks: {
          session: () => Promise.resolve(record),
          guard: nothing,
          restore: nothing,
          handOff: nothing,
          emit: nothing,
        },
        output: {
          needsContent: true,
          start: () => undefined,
          event(event) {
            events.push(event)
            onEvent?.(event, () => cancel.abort('SIGINT'))
          },
          notice: () => undefined,
          done: () => undefined,
        },
      }
      const session = isEphemeral
        ? ({kind: 'ephemeral'} as const)
        : ({kind: 'new', fresh: true, tags: []} as const)
      const asked = {model, session, timeout: TURN_TIMEOUT_MS, backend: name, dryRun: false}
      const lists = {allowedTools: [], addDirs: [], extra: [], fallback: []}
      const prepared = await prepareTurn({...asked, ...lists, ...wish}, context)
      const stops = {stop: AbortSignal.any([cancel.signal, stop]), hurry: stop}
      const result = await runTurn(prepared, stops)
      if (stop.aborted) fail('a turn to its end', 'It was cancelled.')
      return {result, events, state}
    },

    /** Files of the agent that contain a text. */
    async filesWith(text: string): Promise<string[]> {
      const found: string[] = []
      for (const place of places)
        for (const path of await pathsBelow(place))
          if ((await contentOf(path)).includes(text)) found.push(path)
      return found
    },

    /** Names and contents of all that is in the directory that the agent works in. */
    async projectFiles(): Promise<Record<string, string>> {
      const paths = await pathsBelow(project)
      return Object.fromEntries(
        await Promise.all(paths.map(async (path) => [path, await contentOf(path)] as const)),
      )
    },

    /** Processes of the agent that still live. */
    processes: () => processTable(`${MARK}=${project}`).flatMap(({marked, pid}) => (marked ? [pid] : [])),
  }
}

async function pathsBelow(directory: string): Promise<string[]> {
  const names = await readdir(directory, {recursive: true}).catch(() => [])
  return names.map((name) => join(directory, name))
}

/** A directory, or a file that is gone, has no content. */
function contentOf(path: string): Promise<string> {
  return readFile(path, 'latin1').catch(() => '')
}

const MARK = 'CLINVK_CONFORMANCE_LIVE'
const TURN_TIMEOUT_MS = 5 * 60_000
