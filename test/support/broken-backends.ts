import assert from 'node:assert/strict'
import {cpSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fixture, ROOT} from './sandbox.js'

const FIXTURES = join(ROOT, 'test/fixtures/conformance')

/** A backend without a flaw, as a package. */
export const GOOD = join(FIXTURES, 'good')

/** The agent of that backend, which has the flaws that the variable FLAWS names. */
export const GOOD_AGENT = join(FIXTURES, 'good-agent.js')

/** What `broken.yaml` says of one: see there. */
interface Broken extends Partial<Edit> {
  readonly flaw: string
  readonly file?: string
  readonly edits?: readonly Edit[]
  readonly plan?: string
  readonly imports?: string
  readonly also?: readonly string[]
}

interface Edit {
  readonly from: string
  readonly to: string
}

const {checks, withoutPrerequisites} = fixture('conformance/broken.yaml') as {
  checks: Readonly<Record<string, readonly Broken[]>>
  withoutPrerequisites: readonly (Broken & {readonly failed: readonly string[]})[]
}
export {checks as BROKEN, withoutPrerequisites as WITHOUT_PREREQUISITES}

/** Copies the good backend and breaks the copy, with further edits when given. */
export function breakBackend(directory: string, broken: Broken, more: readonly Edit[] = []): void {
  const {edits = [], file = 'index.js', from, imports = '', plan, to} = broken
  const [begin, module] = ['function plan(turn, host) {', 'export default {']
  const all = [...edits, ...more]
  if (from !== undefined) all.push({from, to: to!})
  if (plan !== undefined)
    all.push({from: begin, to: `${begin}\n  ${plan}`}, {from: module, to: `${imports}\n${module}`})
  cpSync(GOOD, directory, {recursive: true})
  const path = join(directory, file)
  let text = readFileSync(path, 'utf8')
  for (const edit of all) {
    assert.ok(text.includes(edit.from), `${file} has: ${edit.from}`)
    text = text.replaceAll(edit.from, () => edit.to)
  }

  writeFileSync(path, text)
}
