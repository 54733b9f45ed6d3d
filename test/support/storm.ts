import assert from 'node:assert/strict'
import {readdirSync, rmSync, utimesSync} from 'node:fs'
import type {SessionFile} from 'clinvk-plugin-sessions/store/session-file'
import {randomFrom} from '../e2e/processes/random.js'
import {Processes, type StoreProcess} from './processes.js'
import {idOf, sampleSession, StoreHome} from './store-home.js'

export interface StormOptions {
  readonly seed: number
  readonly rounds: number
  /** In each round. */
  readonly workers: number
  /** Of each worker. */
  readonly changes: number
  /** Sessions that are there from the beginning. */
  readonly sessions: number
}

/**
 * Several processes use a store at once; some are killed, some are stopped for a
 * while. Other programs change files too: between the rounds, and, in a store
 * that is so small that all files are looked at, at any moment; and the index is
 * deleted now and then. After each round all that was said to be done must be there, and index and files must agree.
 */
export async function storm(options: StormOptions): Promise<StormResult> {
  const home = new StoreHome()
  const processes = new Processes()
  try {
    const run = new Storm(home, processes, options)
    for (let round = 1; round <= options.rounds; round++) await run.round(round)
    return run.result
  } finally {
    processes.end()
    home.remove()
  }
}

export interface StormResult {
  changes: number
  killed: number
  stopped: number
  foreign: number
}

class Storm {
  readonly result: StormResult = {changes: 0, killed: 0, stopped: 0, foreign: 0}
  readonly #home: StoreHome
  readonly #processes: Processes
  readonly #options: StormOptions
  readonly #random: () => number
  readonly #ledger = new Map<string, Account>()
  /** What belongs to other programs, as they left it. */
  readonly #foreign = new Map<string, SessionFile>()
  #number = 0

  constructor(home: StoreHome, processes: Processes, options: StormOptions) {
    this.#home = home
    this.#processes = processes
    this.#options = options
    this.#random = randomFrom(options.seed)
    for (let number = 0; number < options.sessions; number++) this.#addForeign()
    for (let number = 0; number < SHARED; number++) {
      const session = sampleSession(1, {id: idOf(900_000 + number), tags: [], turn_count: 0})
      home.put({...session, token_usage: {input_tokens: 0}})
      this.#account(session.id).done('create', {id: session.id})
    }
  }

  async round(round: number): Promise<void> {
    const shared = [...this.#ledger.keys()].slice(0, SHARED)
    const workers = Array.from({length: this.#options.workers}, (_, worker) => {
      const words = [
        `w${round}-${worker}`,
        String(this.#below(2 ** 31)),
        String(this.#options.changes),
        ...shared,
      ]
      return this.#watch(this.#processes.start('storm.js', this.#home.home, ...words))
    })
    for (const {ended, plan, process} of workers) {
      const end = await ended
      assert.equal(end, plan === 'kill' && end !== 0 ? 'SIGKILL' : 0, process.stderr)
      this.#enter(process.stdout)
    }

    this.#checkFiles()
    this.#home.check(`round ${round}`)
    for (let change = 0; change < 5; change++) this.#changeForeign()
    // Else the next round finds what they did.
    if (this.#random() < 0.5) this.#home.checkNewest(`round ${round}, other programs`)
  }

  /** Kills or stops it once it has said a certain number of things. */
  #watch(process: StoreProcess): {process: StoreProcess; plan: string; ended: Promise<number | string>} {
    const plan = ['kill', 'kill', 'stop', 'stop', 'leave'][this.#below(5)]!
    const at = this.#below(this.#options.changes * 2)
    const pause = this.#below(250)
    let said = 0
    process.child.stdout!.on('data', (text: string) => {
      const before = said
      said += text.split('\n').length - 1
      if (this.#isSmall() && this.#random() < 0.05) this.#changeForeign()
      if (this.#random() < 0.02) this.#deleteIndex()
      if (before > at || said <= at) return
      if (plan === 'kill') {
        process.child.kill('SIGKILL')
        this.result.killed++
      }

      if (plan === 'stop') {
        process.child.kill('SIGSTOP')
        this.result.stopped++
        setTimeout(() => process.child.kill('SIGCONT'), pause)
      }
    })
    return {process, plan, ended: process.ended}
  }

  /** What a process has said: what it did, and what it was about to do when it ended. */
  #enter(stdout: string): void {
    let pending: Saying | undefined
    for (const line of stdout.split('\n').slice(0, -1)) {
      const saying = JSON.parse(line) as Saying
      assert.equal(saying.bad, undefined)
      pending = saying.will === undefined ? undefined : saying
      if (saying.did === undefined) continue
      this.result.changes++
      this.#account(saying.id).done(saying.did, saying)
    }

    if (pending) this.#account(pending.id).perhaps(pending.will!, pending)
  }

  #account(id: string): Account {
    const account = this.#ledger.get(id) ?? new Account()
    this.#ledger.set(id, account)
    return account
  }

  /** Every session that was said to be there is there, with all that was done to it. */
  #checkFiles(): void {
    const sessions = new Map(this.#home.truth().map((session) => [session.id, session]))
    for (const [id, account] of this.#ledger) account.check(id, sessions.get(id))
    for (const [id, session] of this.#foreign) assert.deepEqual(sessions.get(id), session)
    for (const id of sessions.keys())
      assert.ok(this.#ledger.has(id) || this.#foreign.has(id), `${id}: nobody made it`)
    const names = [...sessions.values()].flatMap(({name}) => name ?? [])
    assert.equal(new Set(names).size, names.length, 'each name once')
  }

  /** Adds, replaces, restores or removes a file as other programs do, or edits it where it lies. */
  #changeForeign(): void {
    this.result.foreign++
    const all = [...this.#foreign.values()]
    const old = all[this.#below(all.length)]
    const used = new Date(Date.now() - this.#below(1e6)).toISOString()
    const action = this.#below(this.#isSmall() ? 5 : 4)
    if (old === undefined || action === 0) this.#addForeign()
    else if (action === 1) this.#putForeign({...old, last_used: used, title: 'replaced'})
    else if (action === 2) {
      this.#putForeign({...old, title: 'restored'})
      utimesSync(this.#home.path(old.id), 1e9, 1e9)
    } else if (action === 3 && all.length > this.#options.sessions - 10) {
      rmSync(this.#home.path(old.id))
      this.#foreign.delete(old.id)
    } else if (action === 4) {
      this.#foreign.set(old.id, {...old, last_used: used, title: 'edited'})
      this.#home.edit(old.id, (session) => Object.assign(session, {last_used: used, title: 'edited'}))
    }
  }

  #deleteIndex(): void {
    try {
      rmSync(this.#home.index, {recursive: true})
    } catch {
      // Not there, or written anew at the same time.
    }
  }

  #addForeign(): void {
    const number = this.#number++
    const name = `other-${number}`
    this.#putForeign(sampleSession(number, {id: idOf(number), name}))
  }

  #putForeign(session: SessionFile): void {
    this.#foreign.set(session.id, session)
    this.#home.put(session)
  }

  /** So small that all files are looked at each time. */
  #isSmall(): boolean {
    return readdirSync(this.#home.sessions).length < 56
  }

  #below(bound: number): number {
    return Math.floor(this.#random() * bound)
  }
}

/** What is known of a session that only these processes change. */
class Account {
  #made: Answer = 'perhaps'
  #gone: Answer = 'no'
  #turns = 0
  #perhapsTurns = 0
  #names: (string | undefined)[] = [undefined]
  readonly #tags = new Set<string>()
  readonly #perhapsTags = new Set<string>()

  done(what: string, {name, tag}: Saying): void {
    if (what === 'create') this.#made = 'yes'
    if (what === 'delete') this.#gone = 'yes'
    if (what === 'turn') this.#turns++
    if (what === 'rename') this.#names = [name]
    if (what === 'tag') this.#tags.add(tag!)
  }

  /** It was begun, and whoever began it is no more. */
  perhaps(what: string, {name, tag}: Saying): void {
    if (what === 'delete') this.#gone = 'perhaps'
    if (what === 'turn') this.#perhapsTurns++
    if (what === 'rename') this.#names.push(name)
    if (what === 'tag') this.#perhapsTags.add(tag!)
  }

  check(id: string, session: SessionFile | undefined): void {
    if (!session) {
      assert.ok(this.#made !== 'yes' || this.#gone !== 'no', `${id} is lost`)
      return
    }

    assert.notEqual(this.#gone, 'yes', `${id} is back`)
    const {name, tags = [], token_usage: usage, turn_count: turns = 0} = session
    assert.ok(turns >= this.#turns && turns <= this.#turns + this.#perhapsTurns, `${id}: ${turns} turns`)
    assert.equal(usage?.input_tokens, turns * 10, id)
    assert.ok(this.#names.includes(name), `${id} is called ${String(name)}`)
    assert.equal(new Set(tags).size, tags.length, id)
    for (const tag of this.#tags) assert.ok(tags.includes(tag), `${id} lacks the tag ${tag}`)
    for (const tag of tags)
      assert.ok(this.#tags.has(tag) || this.#perhapsTags.has(tag), `${id} has the tag ${tag}`)
  }
}

type Answer = 'no' | 'perhaps' | 'yes'

/** A line of `storm.js`. */
interface Saying {
  readonly will?: string
  readonly did?: string
  readonly bad?: string
  readonly id: string
  readonly name?: string
  readonly tag?: string
}

const SHARED = 4
