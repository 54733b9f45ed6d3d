import assert from 'node:assert/strict'
import {Readable, Writable} from 'node:stream'
import {captureOutput} from '@oclif/test'
import type {IO} from '../../plugins/kit/src/io.js'
import {guarded} from 'clinvk-kit/format/terminal'
import type {main as Main} from '../../src/main.js'
import {type Finished, json, ROOT, type RunOptions, Sandbox, type Words, wordsOf} from './sandbox.js'

/**
 * A user of a clean machine whose `clinvk` runs in this process, twenty times as fast as one of its own: the same
 * `main` with streams in memory. For what a process alone has, such as signals, terminals and crashes, use `start`.
 */
export class CliUser extends Sandbox {
  /** A signal that has come already when a command begins to watch for them. */
  interruptedBy: NodeJS.Signals | undefined

  /** Runs a turn that succeeds. */
  async ask(...words: string[]): Promise<Answered> {
    const finished = await this.clinvk([...words, '--json'])
    assert.equal(finished.code, 0, finished.stderr)
    return {...json(finished), stderr: finished.stderr} as Answered
  }

  override async clinvk(words: Words, options: RunOptions = {}): Promise<Finished> {
    const {main} = (await import(`${ROOT}dist/main.js`)) as {main: typeof Main}
    const {cwd = this.project, env = {}, onTerminal = false, stdin} = options
    const stdout = new Collected()
    const stderr = new Collected()
    const io: IO = {
      stdin: Object.assign(Readable.from(stdin ? [Buffer.from(stdin)] : []), {isTTY: onTerminal}),
      inputKind: onTerminal ? 'terminal' : stdin === undefined ? 'none' : 'redirected',
      stdout: guarded(Object.assign(stdout, {isTTY: onTerminal})),
      stderr: guarded(Object.assign(stderr, {isTTY: onTerminal})),
      env: {...this.env, ...env},
      cwd,
      now: () => new Date(),
      interrupts: () => ({
        stop: this.interruptedBy ? AbortSignal.abort(this.interruptedBy) : new AbortController().signal,
        hurry: new AbortController().signal,
      }),
    }
    const started = Date.now()
    // What is written past `io`, as by a plugin's console.log, counts as output, too.
    const stray = await captureOutput<number>(() => main(wordsOf(words), io, ROOT), {stripAnsi: false})
    if (stray.error) throw stray.error
    await Promise.all([stdout, stderr].map((stream) => stream.drained()))
    return {
      code: stray.result ?? null,
      signal: null,
      stdout: stdout.text + stray.stdout,
      stderr: stderr.text + stray.stderr,
      ms: Date.now() - started,
    }
  }
}

/** Keeps what is written to it. */
class Collected extends Writable {
  readonly #chunks: Buffer[] = []

  get text(): string {
    return Buffer.concat(this.#chunks).toString('utf8')
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#chunks.push(chunk)
    done()
  }

  drained(): Promise<void> {
    return new Promise((resolve) => this.end(resolve))
  }
}

type Answered = Record<'content' | 'session_id' | 'backend_session_id' | 'stderr', string>
