import assert from 'node:assert/strict'
import {cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {CHECKS} from 'clinvk-conformance/checks'
import type {ConformanceReport} from 'clinvk-conformance/report'
import {testPackage} from 'clinvk-conformance/test-backend'
import {BROKEN, type Broken} from './broken.js'

interface Case {
  /** The check that must fail, and how; absent for the good backend. */
  readonly proof?: {readonly id: string; readonly broken: Broken}
  readonly only: readonly string[]
}

const GOOD: Case = {only: CHECKS.map(({id}) => id)}
/** Turns take their time, so there only the check in question runs; elsewhere it is the only one that fails. */
const CASES: readonly Case[] = CHECKS.flatMap(({id, stage}) =>
  (BROKEN[id] ?? []).map((broken) => ({
    proof: {id, broken},
    only: stage === 'turns' ? [id] : CHECKS.filter((check) => check.stage === stage).map((check) => check.id),
  })),
)

/** What does not even plan a plain turn, or read its fixtures, is told of by these alone. */
const BROKEN_ALTOGETHER: readonly (readonly [flaw: string, failed: readonly string[], Case])[] = [
  altogether(
    'throws in its plan',
    ['fixtures-as-expected', 'plan-never-throws'],
    ['function plan(turn, host) {', "function plan(turn, host) {\n  throw new Error('not yet')"],
  ),
  altogether(
    'promises its plan',
    ['fixtures-as-expected', 'plan-shape'],
    ['function plan(turn, host) {', 'async function plan(turn, host) {'],
  ),
]

/** Each check of the conformance kit, proven by a backend that is broken in just this way. */
describe('the conformance kit', () => {
  const reports = new Map<Case, Promise<ConformanceReport>>()
  let directory: string
  before(() => {
    directory = realpathSync(mkdtempSync(join(tmpdir(), 'clinvk-broken-')))
    start(directory, [GOOD, ...CASES, ...BROKEN_ALTOGETHER.map(([, , one]) => one)], reports)
  })
  after(async () => {
    await Promise.allSettled(reports.values())
    rmSync(directory, {recursive: true, force: true})
  })

  it('has at least 25 checks, each with a name of its own, a sentence and what to do', () => {
    assert.ok(CHECKS.length >= 25)
    assert.equal(new Set(CHECKS.map(({id}) => id)).size, CHECKS.length)
    for (const {fix, id, title} of CHECKS) {
      assert.match(id, /^[a-z]+(-[a-z]+)+$/, id)
      assert.match(title, /^[A-Z].*\.$/, id)
      assert.match(fix, /^[A-Z`].*[.)`]$/, `${id}: ${fix}`)
    }
  })

  it('has a broken backend for each check', () => {
    assert.deepEqual(Object.keys(BROKEN).sort(), CHECKS.map(({id}) => id).sort())
  })

  it('finds nothing wrong with a good backend', async () => {
    const {checks, ok} = await reports.get(GOOD)!
    assert.deepEqual(
      checks.filter(({state}) => state !== 'ok'),
      [],
    )
    assert.equal(checks.length, CHECKS.length)
    assert.ok(ok)
  })

  for (const one of CASES) {
    const {broken, id} = one.proof!
    it(`${id}: finds a backend that ${broken.flaw}`, async () => {
      const {checks, ok} = await reports.get(one)!
      const failed = checks.filter(({state}) => state === 'failed')
      const told = failed.map((check) => `${check.id}: expected ${check.expected}, found ${check.found}`)
      const expected = [id, ...(broken.also ?? [])].sort()
      assert.deepEqual(failed.map((check) => check.id).sort(), expected, told.join('\n'))
      assert.equal(ok, false)
      const failure = failed.find((check) => check.id === id)!
      for (const text of [failure.expected, failure.found, failure.fix])
        assert.notEqual(text?.trim() ?? '', '')
    })
  }

  for (const [flaw, failed, one] of BROKEN_ALTOGETHER) {
    it(`says once what is wrong with a backend that ${flaw}`, async () => {
      const {checks} = await reports.get(one)!
      assert.deepEqual(
        checks.filter(({state}) => state === 'failed').map(({id}) => id),
        [...failed].reverse(),
      )
    })
  }
})

function altogether(
  flaw: string,
  failed: readonly string[],
  edit: readonly [string, string],
): (typeof BROKEN_ALTOGETHER)[number] {
  return [flaw, failed, {...GOOD, proof: {id: failed[0]!, broken: {flaw, edits: [edit]}}}]
}

/** Runs all cases, some at a time: most of a case is waiting for processes. */
function start(
  directory: string,
  cases: readonly Case[],
  reports: Map<Case, Promise<ConformanceReport>>,
): void {
  const lanes = Array.from({length: AT_A_TIME}, () => Promise.resolve<unknown>(undefined))
  for (const [index, one] of cases.entries()) {
    const lane = index % AT_A_TIME
    const report = lanes[lane]!.then(() => run(join(directory, String(index)), one))
    reports.set(one, report)
    lanes[lane] = report.catch(() => undefined)
  }
}

async function run(directory: string, {only, proof}: Case): Promise<ConformanceReport> {
  cpSync(join(import.meta.dirname, 'good'), directory, {recursive: true})
  if (proof) breakIt(directory, proof.broken)
  const [report] = await testPackage(directory, {only})
  return report!
}

function breakIt(directory: string, {edits, file = 'index.js'}: Broken): void {
  const path = join(directory, file)
  let text = readFileSync(path, 'utf8')
  for (const [from, to] of edits) {
    assert.ok(text.includes(from), `${file} has: ${from}`)
    text = text.replaceAll(from, () => to)
  }

  writeFileSync(path, text)
}

const AT_A_TIME = 3
