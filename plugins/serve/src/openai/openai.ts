import {type Context, Hono} from 'hono'
import type {Conversations} from '../conversation/ask.js'
import {modelIds} from '../conversation/models.js'
import {errorBody, respond} from '../conversation/respond.js'
import {ServerFailure} from '../core/errors.js'
import {readJson} from '../http/body.js'
import type {Door, ServeEnv} from '../http/door.js'
import type {Described} from '../rest/route.js'
import {chatAnswer} from './chat-answer.js'
import {ChatCompletionBody, chatRequest} from './chat-request.js'
import {responsesAnswer} from './responses-answer.js'
import {ResponsesBody, responsesRequest} from './responses-request.js'

/** OpenAI's API: `/chat/completions`, `/responses`, `/models`. */
export function openaiDoor({clinvk, settings}: Door, conversations: Conversations): Hono<ServeEnv> {
  const app = new Hono<ServeEnv>()
  const ask = async (
    c: Context<ServeEnv>,
    request: Parameters<Conversations['ask']>[0]['request'],
    body: unknown,
  ) =>
    conversations.ask({
      request,
      body,
      client: c.get('client'),
      path: c.req.path,
      header: (name) => c.req.header(name),
    })

  app.post('/chat/completions', async (c) => {
    const body = await readJson(c, settings.max_body)
    const request = chatRequest(body)
    return respond(c, await ask(c, request, body), chatAnswer(request))
  })

  app.post('/responses', async (c) => {
    const body = await readJson(c, settings.max_body)
    const request = responsesRequest(body)
    const answered = await ask(c, request, body)
    const errorIn = (error: Parameters<typeof errorBody>[0]) => {
      const {code, message} = (errorBody(error, answered.answer, c.req.path) as ErrorBody).error
      return {code, message}
    }
    return respond(c, answered, responsesAnswer(request, errorIn))
  })

  const created = Math.floor(Date.now() / 1000)
  const model = (id: string) => ({id, object: 'model', created, owned_by: 'clinvk'})
  app.get('/models', async (c) => c.json({object: 'list', data: (await modelIds(clinvk)).map(model)}))
  app.get('/models/:id{.+}', async (c) => {
    const id = c.req.param('id')
    if ((await modelIds(clinvk)).includes(id)) return c.json(model(id))
    throw new ServerFailure('backend_unknown', `There is no model "${id}".`, ['All of them: GET /models'])
  })
  return app
}

/** Its routes, as `/openapi.json` describes them. */
export const openaiRoutes: readonly Described[] = [
  {
    method: 'post',
    path: '/chat/completions',
    summary: 'Chat Completions of OpenAI.',
    body: ChatCompletionBody,
    streams: true,
    isOfVendor: true,
  },
  {
    method: 'post',
    path: '/responses',
    summary: 'Responses of OpenAI.',
    body: ResponsesBody,
    streams: true,
    isOfVendor: true,
  },
  {method: 'get', path: '/models', summary: 'The agents, as models.', isOfVendor: true},
  {method: 'get', path: '/models/:id', summary: 'One of them.', isOfVendor: true},
]

interface ErrorBody {
  readonly error: {readonly code: string; readonly message: string}
}
