import {spawnSync} from 'node:child_process'
import {mkdirSync, readFileSync} from 'node:fs'
import {delimiter, dirname, join} from 'node:path'
import {hrtime} from 'node:process'
import {fileURLToPath} from 'node:url'

/** Where a subject runs: one Node, one build of clinvk, and a home of its own. */
export class Place {
  /** Absolute paths; `program` is clinvk's `bin/run.js`. The home is made. */
  constructor({home, node, program, nodeArgs = []}) {
    Object.assign(this, {home, node, program, nodeArgs})
    mkdirSync(home, {recursive: true})
  }

  /** The same with a further home, inside this one. */
  with(name) {
    return new Place({...this, home: join(this.home, name)})
  }

  /** The same, but each run of Node leaves behind how much memory it took, for `peak`. */
  watched() {
    return new Place({...this, nodeArgs: ['--require', PEAK_MEMORY]})
  }

  /** The most memory that the last watched run took, in MiB. */
  peak() {
    return Number(readFileSync(this.env().PEAK_MEMORY, 'utf8')) / 1024
  }

  /**
   * The environment is made anew. NODE_EXTRA_CA_CERTS alone, which some machines set, more than doubles what
   * Node 20 needs to start, and so halves every ratio. Programs in `bin` of the home come first.
   */
  env() {
    return {
      PATH: [join(this.home, 'bin'), dirname(this.node), process.env.PATH].join(delimiter),
      HOME: this.home,
      TMPDIR: this.home,
      TERM: 'dumb',
      LANG: 'C.UTF-8',
      PEAK_MEMORY: join(this.home, 'peak-memory'),
    }
  }

  /** Milliseconds of `node -e 0`, and of clinvk just after it. */
  pair(args) {
    const base = this.nothing().ms
    return {base, ms: this.clinvk(args).ms}
  }

  nothing() {
    return this.run(this.node, [...this.nodeArgs, '-e', '0'])
  }

  clinvk(args) {
    return this.run(...this.command(args))
  }

  /** The program to run for clinvk, and its arguments. */
  command(args) {
    return [this.node, [...this.nodeArgs, this.program, ...args]]
  }

  /** clinvk with its output in a pipe to a line of shell: the exit code is clinvk's, the output the reader's. */
  piped(args, reader) {
    const [file, words] = this.command(args)
    const line = `{ "$@"; echo $? > code; } | { ${reader}; }; exit $(cat code)`
    return this.run('sh', ['-c', line, 'sh', file, ...words])
  }

  /**
   * One run of a program, from its start to its end, in milliseconds. Fails when the run fails: what ends early
   * is fast, and would count as good.
   */
  run(file, args, cwd = this.home) {
    const started = hrtime.bigint()
    const {error, signal, status, stderr, stdout} = spawnSync(file, args, {
      cwd,
      env: this.env(),
      encoding: 'utf8',
    })
    const ms = Number(hrtime.bigint() - started) / 1e6
    if (error) throw error
    if (status !== 0)
      throw new Error(`${[file, ...args].join(' ')} ended with ${signal ?? status}.\n${stderr}`)
    return {ms, stdout}
  }
}

const PEAK_MEMORY = fileURLToPath(new URL('../test/support/peak-memory.cjs', import.meta.url))
