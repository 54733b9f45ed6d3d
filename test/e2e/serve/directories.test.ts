import assert from 'node:assert/strict'
import {existsSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {linkBackendPlugin, linkPlugin} from '../../support/link-plugin.js'
import {Sandbox} from '../../support/sandbox.js'
import {Served} from '../../support/served.js'

/** Writes down that it has run. */
const AGENT = `#!/usr/bin/env node
import {writeFileSync} from 'node:fs'
writeFileSync(process.env.HOME + '/ran', '')
console.log('conversation-1')`
const BACKEND = `export default {
  plan: ({prompt}) => ({kind: 'invocation', args: [], stdin: prompt}),
  reader: () => ({
    line: (line) => [{type: 'session', backend_session_id: line}],
    end: () => ({outcome: 'success', content: 'done'}),
  }),
}`
/** Puts a link in the place of the directory, once it has been checked and before the agent starts. */
const GUARD = `import {existsSync, renameSync, symlinkSync} from 'node:fs'
const home = process.env.HOME
export default function guard() {
  if (!existsSync(home + '/swap')) return
  renameSync(home + '/project/sub', home + '/project/moved')
  symlinkSync(home + '/other', home + '/project/sub')
}`

describe('a directory in whose place a link is put before the agent starts', () => {
  const user = new Sandbox({CLINVK_BACKEND: 'witness'}).forEachTest()
  let served: Served
  beforeEach(async () => {
    linkBackendPlugin(user, 'witness', BACKEND, {
      agent: AGENT,
      descriptor: {capabilities: {resume: true, addDirs: true}},
    })
    linkPlugin(
      user,
      'clinvk-plugin-swap',
      {oclif: {hooks: {'turn:guard': './guard.js'}}},
      {'guard.js': GUARD},
    )
    user.directory('other')
    user.directory('project/sub')
    served = await Served.start(user)
  })
  afterEach(() => served.stop())

  const post = async (path: string, body: object) => {
    const answer = await fetch(`${served.url}/api/v1/${path}`, {
      method: 'POST',
      headers: {'x-api-key': served.token, 'content-type': 'application/json'},
      body: JSON.stringify(body),
    })
    return {status: answer.status, body: (await answer.json()) as Answered}
  }

  const sub = () => join(user.project, 'sub')
  const cases: [string, string, () => Promise<object> | object][] = [
    ['that of a prompt', 'prompt', () => ({workdir: sub()})],
    ['one that an agent may use besides', 'prompt', () => ({add_dirs: [sub()]})],
    [
      'that of a session that continues',
      'prompt',
      async () => ({session: (await post('prompt', {prompt: 'hi', workdir: sub()})).body.session_id}),
    ],
    ['that of a step', 'chain', () => ({steps: [{prompt: 'hi', workdir: sub()}]})],
    ['that of a comparison', 'compare', () => ({backends: ['witness'], workdir: sub()})],
  ]
  for (const [what, path, fields] of cases) {
    it(`starts no agent: ${what}`, async () => {
      const asked = {...(path === 'chain' ? {} : {prompt: 'hi'}), ...(await fields())}
      rmSync(join(user.home, 'ran'), {force: true})
      user.write('swap', '')
      const {body, status} = await post(path, asked)
      const {error, results} = body
      assert.match(results?.[0]!.error ?? error!.message, /is not below a directory that clients may use/)
      if (!results) assert.deepEqual([status, error!.code], [403, 'ceiling'])
      assert.ok(!existsSync(join(user.home, 'ran')))
      assert.equal(user.sessions()[0]!.status, 'error')
    })
  }
})

interface Answered {
  readonly session_id?: string
  readonly error?: {readonly code?: string; readonly message: string}
  readonly results?: readonly {readonly error: string}[]
}
