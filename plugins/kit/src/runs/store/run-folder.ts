import {existsSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {Failure, messageOf} from '../../errors/failure.js'
import {readText} from '../../files/read-file.js'
import {makeDirectory, replaceFile} from '../../files/replace-file.js'
import {isRecord} from '../../format/is-record.js'
import type {Env, IO} from '../../io.js'
import {type Lock, LockFile, type LockHolder} from '../../process/lock-file.js'
import type {TurnOptionFlags} from '../../turn/request.js'
import {clinvkHome} from '../../settings/files.js'
import {readLog, type RunEvent, RunLog} from './run-log.js'

/** The flags of `parallel` and `chain` that say what is run; the others say how it is shown. */
export interface RunFlags extends TurnOptionFlags {
  readonly config?: string
  readonly ephemeral?: boolean
  readonly tag?: string[]
  readonly 'max-parallel'?: number
  readonly 'fail-fast'?: boolean
  readonly 'stop-on-failure'?: boolean
  readonly 'output-dir'?: string
  readonly worktree?: boolean
  readonly 'worktree-dirty'?: 'leave' | 'copy'
  readonly base?: string
}

/** What a run was asked for: `run.json` in its folder, from which it can be run again. */
export interface RunDescription {
  readonly version: 1
  /** 32 hexadecimal digits. */
  readonly id: string
  readonly command: 'parallel' | 'chain'
  /** ISO 8601. */
  readonly started_at: string
  /** Absolute; where its tasks run that name no directory. */
  readonly place: string
  /** The path of the run file, as it was named; absent where the tasks came another way. */
  readonly path?: string
  readonly flags: RunFlags
  readonly file: unknown
}

/** The folder of a run: `run.json`, `log.jsonl`, `output.txt` of one without a terminal, and a lock while it runs. */
export class RunFolder {
  readonly #lock: LockFile

  constructor(readonly path: string) {
    this.#lock = new LockFile(join(path, 'lock'), 'The run', 'session')
  }

  get logPath(): string {
    return join(this.path, 'log.jsonl')
  }

  get outputPath(): string {
    return join(this.path, 'output.txt')
  }

  async create(description: RunDescription): Promise<void> {
    makeDirectory(this.path)
    await replaceFile(join(this.path, 'run.json'), `${JSON.stringify(description, undefined, 2)}\n`)
  }

  /** Throws a Failure of kind `session` where it is damaged. */
  description(): RunDescription {
    const path = join(this.path, 'run.json')
    try {
      const found: unknown = JSON.parse(readText(path))
      if (!isDescription(found)) throw new Error('it does not describe a run')
      return found
    } catch (error) {
      throw damaged(path, messageOf(error))
    }
  }

  /** What has happened so far. Throws a Failure where the log cannot be read. */
  events(): RunEvent[] {
    if (!existsSync(this.logPath)) return []
    try {
      return readLog(this.logPath)
    } catch (error) {
      throw damaged(this.logPath, messageOf(error))
    }
  }

  /** To add to it; `notice` is told once where that cannot be written. */
  log(io: Pick<IO, 'now'>, notice: (message: string) => void): RunLog {
    return new RunLog(this.logPath, () => io.now(), notice)
  }

  holder(): LockHolder | undefined {
    const holder = this.#lock.holder()
    return holder?.state === 'dead' ? undefined : holder
  }

  /** Makes this the only process that runs it. Throws a Failure while another one does. */
  acquire(id: string): Lock {
    const lock = this.#lock.tryAcquire()
    if (lock) return lock
    const short = id.slice(0, 8)
    const {pid = 'unknown'} = this.holder() ?? {}
    throw new Failure('session', `Run ${short} is in use: process ${pid} runs it.`, [
      `Wait for it: clinvk runs wait ${short}`,
      `Or end it: clinvk runs cancel ${short}`,
    ])
  }

  remove(): void {
    rmSync(this.path, {recursive: true, force: true})
  }
}

export function runFolder(id: string, env: Env): RunFolder {
  return new RunFolder(join(runsDirectory(env), id))
}

export function runsDirectory(env: Env): string {
  return join(clinvkHome(env), 'runs')
}

function isDescription(found: unknown): found is RunDescription {
  return (
    isRecord(found) &&
    found.version === 1 &&
    typeof found.id === 'string' &&
    (found.command === 'parallel' || found.command === 'chain') &&
    typeof found.started_at === 'string' &&
    typeof found.place === 'string' &&
    isRecord(found.flags)
  )
}

function damaged(path: string, why: string): Failure {
  return new Failure('session', `The run cannot be read: ${path}: ${why}`, [
    'Its sessions are not affected: clinvk sessions list',
  ])
}
