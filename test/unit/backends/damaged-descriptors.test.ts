import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {type BackendEntry, discoverBackends} from 'clinvk-kit/backends/discover'
import {findExecutable, notInstalled} from 'clinvk-kit/backends/find-executable'
import {schemaFor} from 'clinvk-kit/settings/schema'
import {DEFAULTS} from 'clinvk-kit/settings/settings'
import {agentFiles, readableFiles} from 'clinvk-kit/turn/agent-files'
import {versionStanding} from 'clinvk-kit/turn/agent-version'
import {refusalByDescriptor} from 'clinvk-kit/turn/refuse'
import {resolveOptions} from 'clinvk-kit/turn/resolve-options'
import {backendJson, type BackendStatus} from '../../../src/backends/backend-status.js'
import {backendDetails, backendTable} from '../../../src/backends/backend-table.js'
import {ROOT} from '../../support/sandbox.js'

type Json = null | boolean | number | string | Json[] | {[key: string]: Json}

const ODD_KEYS = ['extra', '\u001B[31m', 'a\nb', 'constructor', 'toString', '', '‮x', '0']
const STRANGE: readonly Json[] = [
  null, true, false, 0, -1, 1.5, 1e300, '', ' ', 'x', '\u0000', '\u001B]0;owned\u0007', 'two\nlines', '\r', '‮ reversed',
  '..', '../x', '/etc/passwd', 'x'.repeat(5000), [], [null], ['x'], [['x']], {}, {x: null}, {x: {}}, {toString: 1}, {length: 1},
] // prettier-ignore

/** The official descriptors, each damaged at one place. */
describe('damaged descriptors', () => {
  const official = ['claude', 'codex', 'echo', 'gemini', 'opencode'].map((name) => contribution(name))

  it('as they are have no flaw', async () => {
    for (const clinvk of official) assert.deepEqual((await discover(clinvk)).problems, [])
  })

  for (const [what, places, values] of [
    ['with any JSON in the place of any field', pathsIn, STRANGE],
    ['without a field', pathsIn, [undefined]],
    ['with a field of an odd name', oddPathsIn, ['x', null]],
  ] as const)
    it(`${what} are left out with one tidy sentence, or are safe for all who read them`, async () => {
      let passed = 0
      for (const clinvk of official)
        for (const path of places(clinvk))
          for (const value of values) {
            const {backends, problems} = await discover(withValue(clinvk, path, value))
            for (const problem of problems) assertTidy(problem)
            assert.ok(problems.length <= 1)
            for (const entry of backends.values()) use(entry)
            passed += backends.size
          }

      // Else it would be the sentence alone that is tested.
      assert.ok(passed > 30, String(passed))
    })
})

function contribution(name: string): Json {
  const path = join(ROOT, 'plugins', `backend-${name}`, 'package.json')
  return (JSON.parse(readFileSync(path, 'utf8')) as {clinvk: Json}).clinvk
}

function discover(clinvk: Json) {
  return discoverBackends([{name: 'some', root: '/nowhere', pjson: {version: '1.0.0', clinvk}}])
}

/** All that clinvk does with a descriptor before it imports the backend. */
function use(entry: BackendEntry): void {
  const {descriptor} = entry
  const env = {HOME: '/home/ada', PATH: '/nowhere'}
  const backends = new Map([[entry.name, entry]])
  const statuses: BackendStatus[] = [
    {entry, isDefault: true, isEnabled: true, report: {problems: []}},
    {
      entry,
      isDefault: false,
      isEnabled: true,
      report: {problems: [], executable: {file: '/bin/x', leading: []}, version: '1.2.3', signedIn: false},
    },
  ]
  for (const status of statuses) {
    assertTidy(backendTable([status], env.HOME, 80))
    assertTidy(backendDetails(status, env.HOME))
    assertTidy(JSON.stringify(backendJson(status)))
  }

  const {hints, message} = notInstalled(entry, {backends, env, settings: DEFAULTS})
  assertTidy([message, ...hints].join('\n'))
  schemaFor(backends)
  versionStanding('1.2.3', descriptor)
  findExecutable(entry, env)
  agentFiles(descriptor.directories ?? [], env)
  readableFiles(descriptor.signInFiles ?? [], env)
  for (const model of ['fast', 'constructor', '__proto__', 'toString']) {
    const {notices, turn: options} = resolveOptions({...REQUEST, model}, entry, DEFAULTS, '/')
    assert.equal(typeof options.model, 'string')
    for (const line of notices) assertTidy(line)
    for (const sandbox of ['default', 'read-only', 'full'] as const) {
      const session = {kind: 'resume', id: 'x'} as const
      const refusal = refusalByDescriptor(descriptor, {
        ...options,
        prompt: 'hello',
        cwd: '/',
        session,
        sandbox,
      })
      assertTidy(Object.values(refusal ?? {}).join('\n'))
    }
  }
}

const REQUEST = {
  prompt: 'hello',
  session: {kind: 'ephemeral'} as const,
  allowedTools: [],
  addDirs: [],
  extra: [],
  fallback: [],
  dryRun: false,
}

function withValue(json: Json, path: readonly string[], value: Json | undefined): Json {
  const copy = structuredClone(json)
  const last = path.at(-1)
  if (last === undefined) return value ?? {}
  let place = copy as Record<string, Json>
  for (const key of path.slice(0, -1)) place = place[key] as Record<string, Json>
  if (value === undefined) Reflect.deleteProperty(place, last)
  else Object.defineProperty(place, last, {value, enumerable: true, configurable: true, writable: true})
  return copy
}

function pathsIn(json: Json, path: readonly string[] = []): (readonly string[])[] {
  if (typeof json !== 'object' || json === null) return [path]
  return [path, ...Object.entries(json).flatMap(([key, value]) => pathsIn(value, [...path, key]))]
}

function oddPathsIn(json: Json): (readonly string[])[] {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return []
  const inside = Object.entries(json).flatMap(([key, value]) =>
    oddPathsIn(value).map((path) => [key, ...path]),
  )
  return [...ODD_KEYS.map((key) => [key]), ...inside]
}

/** What a terminal shows as it is. */
function assertTidy(text: string): void {
  assert.doesNotMatch(text.replaceAll('\n', ''), /[\u0000-\u001F\u007F-\u009F\u2028\u2029\u202A-\u202E]/)
  assert.doesNotMatch(text, /\[object |undefined|NaN/)
}
