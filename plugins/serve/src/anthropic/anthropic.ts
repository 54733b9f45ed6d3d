import {type Context, Hono} from 'hono'
import type {Conversations} from '../conversation/ask.js'
import {modelIds} from '../conversation/models.js'
import {respond} from '../conversation/respond.js'
import {ServerFailure} from '../core/errors.js'
import {readJson} from '../http/body.js'
import type {Door, ServeEnv} from '../http/door.js'
import type {Described} from '../rest/route.js'
import {messagesAnswer} from './messages-answer.js'
import {CountTokensBody, estimateTokens, MessagesBody, messagesRequest} from './messages-request.js'

/** Anthropic's API: `/messages`, `/messages/count_tokens`, `/models`. */
export function anthropicDoor({clinvk, settings}: Door, conversations: Conversations): Hono<ServeEnv> {
  const app = new Hono<ServeEnv>()

  app.post('/messages', async (c) => {
    const body = await readJson(c, settings.max_body)
    const request = messagesRequest(body)
    const call = {
      request,
      body,
      client: c.get('client'),
      path: c.req.path,
      header: (name: string) => c.req.header(name),
    }
    return respond(c, await conversations.ask(call), messagesAnswer(request))
  })

  app.post('/messages/count_tokens', async (c) => {
    const count = estimateTokens(await readJson(c, settings.max_body))
    return c.json({input_tokens: count}, 200, {'x-clinvk-estimate': 'true'})
  })

  const created = new Date().toISOString()
  const model = (id: string) => ({type: 'model', id, display_name: id, created_at: created})
  app.get('/models', async (c, next) => {
    if (!isForUs(c)) return next()
    const ids = await modelIds(clinvk)
    return c.json({
      data: ids.map(model),
      has_more: false,
      first_id: ids[0] ?? null,
      last_id: ids.at(-1) ?? null,
    })
  })
  app.get('/models/:id{.+}', async (c, next) => {
    if (!isForUs(c)) return next()
    const id = c.req.param('id')
    if ((await modelIds(clinvk)).includes(id)) return c.json(model(id))
    throw new ServerFailure('backend_unknown', `There is no model "${id}".`, ['All of them: GET /models'])
  })
  return app
}

/** Its routes, as `/openapi.json` describes them. */
export const anthropicRoutes: readonly Described[] = [
  {
    method: 'post',
    path: '/messages',
    summary: 'Messages of Anthropic.',
    body: MessagesBody,
    streams: true,
    isOfVendor: true,
  },
  {
    method: 'post',
    path: '/messages/count_tokens',
    summary: 'Count Tokens of Anthropic: an estimate.',
    body: CountTokensBody,
    isOfVendor: true,
  },
  {method: 'get', path: '/models', summary: 'The agents, as models.', isOfVendor: true},
  {method: 'get', path: '/models/:id', summary: 'One of them.', isOfVendor: true},
]

/** Below `/v1` both vendors have models; the header that Anthropic's clients send tells them apart. */
function isForUs(c: Context): boolean {
  return !c.req.path.startsWith('/v1/') || c.req.header('anthropic-version') !== undefined
}
