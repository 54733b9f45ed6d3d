import assert from 'node:assert/strict'
import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {CliUser} from '../support/cli-user.js'
import {linkBackendPlugin} from '../support/link-plugin.js'
import {ends, json, jsonLines} from '../support/sandbox.js'

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
  const willSay = (...answers: string[]) => user.write('project/answers', JSON.stringify(answers))
  const prompts = () =>
    readFileSync(join(user.project, 'prompts'), 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as string)

  it('is the only thing on standard output, also where it stood between words', async () => {
    willSay('Let me see.\n```json\n{"age": 4}\n```\nThat is all.')
    const {code, stderr, stdout} = await user.clinvk(['how old?', '--schema', 'age.json'])
    assert.deepEqual([code, stdout, stderr], [0, '{\n  "age": 4\n}\n', ''])
    assert.match(prompts().join(), /^how old\?\n\nYour answer must be one JSON value[^]*\{"type":"object"/)
    const {stdout: log} = await ends(user.clinvk(['sessions', 'log', '@last']), {stdout: /^> how old\?$/m})
    assert.doesNotMatch(log, /JSON value/)
  })

  it('is asked for again in the same session, with what was wrong; tokens and costs are of all turns', async () => {
    willSay('It is four.', '{"age": "four", "name": "x"}', '{"age": 4}')
    const finished = await user.clinvk(['how old?', '--json', '--schema', JSON.stringify(SCHEMA)])
    const {content, cost, session_id: id, structured, usage} = json(finished)
    assert.deepEqual([content, structured], ['{\n  "age": 4\n}', {age: 4}])
    assert.deepEqual(
      [cost, usage],
      [0.3, {input_tokens: 30, total_tokens: 36, models: {m: {input_tokens: 3}}}],
    )
    assert.match(
      finished.stderr,
      /schema: there is no JSON in it\. .*\(1 of 2\)\.\n.*: "name"\. .*\(2 of 2\)\.\n$/,
    )
    assert.match(prompts()[2]!, /\n- \/age must be integer\n/)
    assert.equal(json(await user.clinvk(['sessions', 'show', String(id), '--json'])).turn_count, 3)
  })

  it('that never fits is exit 12 with what is wrong; the session is kept, and goes on', async () => {
    willSay('no', 'no', '{}')
    const {stderr, stdout} = await ends(user.clinvk(['how old?', '--schema', 'age.json']), {code: 12})
    assert.deepEqual([stdout, prompts().length], ['', 3])
    assert.match(
      stderr,
      /Error: The answer does not fit the schema: it must have required property 'age'\.\n {2}The session is kept\. Resume it: clinvk resume \w{8} "…"\n$/,
    )
    willSay('{"age": 5}')
    assert.equal((await user.clinvk(['-c', 'try', '--schema', 'age.json'])).stdout, '{\n  "age": 5\n}\n')
  })

  it('is asked for once with --ephemeral, which leaves nothing to go on with', async () => {
    willSay('no')
    const words = ['how old?', '--ephemeral', '--json', '--schema', 'age.json']
    const {content, error, outcome} = json(await ends(user.clinvk(words), {code: 12}))
    assert.deepEqual([content, outcome, prompts().length], ['no', 'schema', 1])
    assert.match(JSON.stringify(error), /leave out --ephemeral/)
  })

  it('is the only text of the event stream', async () => {
    willSay('no', '{"age": 4}')
    const events = jsonLines(await user.clinvk(['how old?', '-o', 'stream-json', '--schema', 'age.json']))
    const texts = events.filter(({type}) => type === 'text').map(({text}) => text)
    assert.deepEqual([texts, events.at(-1)?.structured], [['{\n  "age": 4\n}'], {age: 4}])
    assert.equal(events.filter(({type}) => type === 'done').length, 1)
  })

  it('is not waited for where the agent fails', async () => {
    willSay('fail')
    const {outcome} = json(await ends(user.clinvk(['how old?', '--json', '--schema', 'age.json']), {code: 1}))
    assert.deepEqual([outcome, prompts().length], ['failed', 1])
  })

  it('is a field of a task: a path beside the run file, or the schema itself', async () => {
    willSay('{"age": 4}')
    user.write('project/runs/years.json', JSON.stringify(SCHEMA))
    for (const schema of ['years.json', SCHEMA]) {
      willSay('{"age": 4}')
      user.write('project/runs/run.yaml', JSON.stringify([{prompt: 'how old?', schema}]))
      const finished = await user.clinvk(['parallel', '-f', 'runs/run.yaml', '--json'])
      const [result] = json(finished).results as {output: string; structured: unknown}[]
      assert.deepEqual([result?.structured, result?.output], [{age: 4}, '{\n  "age": 4\n}'])
    }
    user.write('project/runs/run.yaml', JSON.stringify([{prompt: 'x', schema: {type: 'nonsense'}}]))
    await ends(user.clinvk(['parallel', '-f', 'runs/run.yaml']), {code: 3, stderr: /Task 1 cannot run/})
  })

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
      willSay('{}')
      user.write('project/list.json', '[]')
      const {error} = json(await ends(user.clinvk(['x y', '--json', '--schema', schema]), {code: 1}))
      assert.match((error as {message: string}).message, message)
      assert.deepEqual(prompts(), [])
    })
  }

  it('is not together with --raw; a dry run shows what would be asked', async () => {
    await ends(user.clinvk(['x y', '--raw', '--schema', '{}']), {code: 1, stderr: /cannot be used together/})
    const {stdin} = json(await user.clinvk(['x y', '--dry-run', '--json', '--schema', 'age.json']))
    assert.match(String(stdin), /^x y\n\nYour answer must be/)
  })

  it('keeps its schema with a prompt that the agent did not take', async () => {
    user.write('project/answers', 'hang up')
    await ends(user.clinvk(['how old?', '--new', '--schema', 'age.json']), {code: 1})
    assert.ok(existsSync(join(user.project, 'prompts')))
    willSay('{"age": 4}')
    assert.equal((await user.clinvk(['-c', 'try'])).stdout, '{\n  "age": 4\n}\n')
  })
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
