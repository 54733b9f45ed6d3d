import assert from 'node:assert/strict'
import {CliUser} from '../support/cli-user.js'
import {CLIENTS, Served, type Step} from '../support/served.js'

/** What the vendors' own clients make of an answer, an error and a limit; echo answers. */
describe("a client of a vendor's API", () => {
  const user = new CliUser({CLINVK_BACKEND: 'echo'})
  let served: Served
  before(async () => (served = await Served.start(user)))
  after(async () => {
    await served.stop()
    user.remove()
  })

  const chat = {model: 'echo', messages: [{role: 'user', content: 'hello there'}]}
  const responses = {model: 'echo', input: 'hello there'}
  const said = {text: 'You said: hello there', tokens: 6}
  const done = (finish: string) => ({...said, finish})
  const OPENAI: [Step, object][] = [
    [{do: 'chat', body: chat}, done('stop')],
    [{do: 'chat, raw stream', body: chat}, said],
    [{do: 'chat, helper', body: chat}, done('stop')],
    [{do: 'responses', body: responses}, done('completed')],
    [{do: 'responses, raw stream', body: responses}, done('completed')],
    [{do: 'responses, helper', body: responses}, done('completed')],
  ]
  const ANTHROPIC: [Step, object][] = [
    [{do: 'messages', body: chat}, done('end_turn')],
    [{do: 'messages, raw stream', body: chat}, {text: said.text}],
    [{do: 'messages, helper', body: chat}, done('end_turn')],
    [{do: 'count tokens', body: chat}, {tokens: 3}],
  ]
  for (const [name, steps] of [
    ['openai for Node', OPENAI],
    ['openai for Python', OPENAI],
    ['the AI SDK', OPENAI.filter(([step]) => ['chat', 'chat, helper'].includes(step.do))],
    ['anthropic for Node', ANTHROPIC],
    ['anthropic for Python', ANTHROPIC],
  ] as [keyof typeof CLIENTS, [Step, object][]][]) {
    it(`${name} gets answers and usage, as a whole, as a stream and by its helpers`, async () => {
      const got = await served.with(name, ...steps.map(([step]) => step))
      for (const [index, [step, expected]] of steps.entries()) {
        const {id: _id, ...answer} = got[index]!
        assert.deepEqual(answer, expected, step.do)
      }
    })

    it(`${name} gets errors as its own classes, with what is wrong`, async () => {
      const first = steps[0]![0]
      const wrong: Step = {do: first.do, body: {...chat, model: 'llama'}}
      const image = {
        role: 'user',
        content: [{type: 'image_url', image_url: {url: 'https://example.invalid/a.png'}}],
      }
      const unsupported: Step = {do: first.do, body: {...chat, messages: [image]}}
      const asked = name === 'the AI SDK' ? [wrong] : [wrong, unsupported]
      const got = await served.with(name, ...asked)
      assert.deepEqual(
        got.map(({error, status}) => [error, status]),
        name === 'the AI SDK'
          ? [['AI_APICallError', 404]]
          : [
              ['NotFoundError', 404],
              ['BadRequestError', 400],
            ],
      )
      assert.match(got[0]!.message!, /There is no model "llama"/)
    })
  }

  for (const name of [
    'openai for Node',
    'openai for Python',
    'anthropic for Node',
    'anthropic for Python',
  ] as const) {
    it(`${name} lists the models`, async () => {
      const [{ids}] = (await served.with(name, {do: 'models'})) as [{ids: string[]}]
      assert.ok(ids.includes('echo') && ids.includes('claude/fast'))
    })
  }
})
