import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {CliUser} from '../support/cli-user.js'
import {linkBackendPlugin} from '../support/link-plugin.js'
import {ends, json} from '../support/sandbox.js'
import {scenes} from '../support/scenes.js'

describe('an answer by a schema', () => {
  const user = new CliUser({CLINVK_BACKEND: 'wordy'})
  after(() => user.remove())
  before(() => {
    linkBackendPlugin(user, 'wordy', CODE, {
      agent: AGENT,
      descriptor: {capabilities: {resume: true, ephemeral: true}},
    })
    user.write('project/age.json', JSON.stringify(SCHEMA))
  })
  beforeEach(() => user.write('project/prompts', ''))

  scenes(user, 'schema')

  const deep = `${'{"not":'.repeat(5000)}{}${'}'.repeat(5000)}`
  for (const [schema, message] of [
    ['missing.json', /^The schema .*missing\.json does not exist\./],
    ['.', /cannot be read: it is not a file/],
    ['{', /^The schema is not JSON: /],
    ['list.json', /list\.json is not a JSON Schema: it must be an object/],
    ['{"type": "objekt"}', /is not a JSON Schema: \/type must be .*"array"/],
    ['{"properties": {"a": {"$ref": "http://127.0.0.1/x"}}}', /refers to http:.* #\/\$defs\/NAME/],
    ['{"$ref": "other.json#/a"}', /refers to other\.json#\/a/],
    ['{"$ref": "#/$defs/none"}', /is not a JSON Schema: .*none/],
    ['{"pattern": "("}', /is not a JSON Schema: Invalid regular expression/],
    ['{"$schema": "http://json-schema.org/draft-04/schema#"}', /may be draft-07 or 2020-12/],
    [deep, /is not a JSON Schema: /],
    [`{"title": "${'x'.repeat(66_000)}"}`, /may have 65536/],
  ] as const) {
    it(`is refused before anything runs: ${schema.slice(0, 60)}`, async () => {
      user.write('project/answers', '["{}"]')
      user.write('project/list.json', '[]')
      const {error} = json(await ends(user.clinvk(['x y', '--json', '--schema', schema]), {code: 1}))
      assert.match((error as {message: string}).message, message)
      assert.equal(readFileSync(join(user.project, 'prompts'), 'utf8'), '')
    })
  }
})

const SCHEMA = {
  type: 'object',
  properties: {age: {type: 'integer'}},
  required: ['age'],
  additionalProperties: false,
}

/** Says the next of its answers, and writes down what it was asked. */
const AGENT = `
import {appendFileSync, readFileSync, writeFileSync} from 'node:fs'
const [answer, ...rest] = JSON.parse(readFileSync('answers'))
writeFileSync('answers', JSON.stringify(rest))
appendFileSync('prompts', JSON.stringify(readFileSync(0, 'utf8')) + '\\n')
for (const event of [
  {type: 'session', backend_session_id: 'c1'},
  {type: 'text', text: answer},
  {type: 'usage', usage: {input_tokens: 10, total_tokens: 12, models: {m: {input_tokens: 1}}}},
]) console.log(JSON.stringify(event))
if (answer === 'fail') process.exitCode = 1
`
const CODE = `
export default {
  plan: ({prompt}) => ({kind: 'invocation', args: [], stdin: prompt}),
  reader: () => ({
    line: (line) => [JSON.parse(line)],
    end: ({code}) => code === 0 ? {outcome: 'success', cost: 0.1} : {outcome: 'failed', message: 'it failed'},
  }),
  isResumable: () => Promise.resolve(false),
}`
