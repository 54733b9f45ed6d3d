import {Hono} from 'hono'
import {anthropic} from '../anthropic/anthropic.js'
import {ServerFailure} from '../core/errors.js'
import {readJson} from '../http/body.js'
import type {MakeDoor, ServeEnv} from '../http/door.js'
import {openai} from '../openai/openai.js'
import type {Described} from '../rest/route.js'
import {Conversations} from './ask.js'
import {modelIds} from './model-name.js'
import type {Vendor} from './vendor.js'

/** Of two vendors at one path only the models clash. */
const DOORS: readonly (readonly [base: string, vendors: readonly Vendor[]])[] = [
  ['/anthropic/v1', [anthropic]],
  ['/openai/v1', [openai]],
  ['/v1', [openai, anthropic]],
]

/** The APIs of the vendors, for programs that know them already. */
export const vendorDoors: MakeDoor = (door) => {
  const conversations = new Conversations(door)
  const created = new Date()
  const app = new Hono<ServeEnv>()
  for (const [base, vendors] of DOORS) {
    for (const {handle, path} of vendors.flatMap(({posts}) => posts))
      app.post(base + path, async (c) => handle(c, await readJson(c, door.settings.max_body), conversations))
    /** Anthropic's clients send a header of their own. */
    const vendorOf = (version: string | undefined) =>
      version !== undefined && vendors.includes(anthropic) ? anthropic : vendors[0]!
    app.get(`${base}/models`, async (c) => {
      const {model, models} = vendorOf(c.req.header('anthropic-version'))
      const ids = await modelIds(door.clinvk)
      const list = ids.map((id) => model(id, created))
      return c.json(models(list, ids))
    })
    app.get(`${base}/models/:id{.+}`, async (c) => {
      const id = c.req.param('id')
      if (!(await modelIds(door.clinvk)).includes(id))
        throw new ServerFailure('backend_unknown', `There is no model "${id}".`, ['All of them: GET /models'])
      return c.json(vendorOf(c.req.header('anthropic-version')).model(id, created))
    })
  }
  return app
}

/** The routes of these doors, as `/openapi.json` describes them. */
export const vendorRoutes: readonly Described[] = DOORS.flatMap(([base, vendors]) => [
  ...vendors
    .flatMap(({posts}) => posts)
    .map(({body, path, streams, summary}) => ({
      method: 'post' as const,
      path: base + path,
      summary,
      body,
      streams,
      isOfVendor: true,
    })),
  {method: 'get', path: `${base}/models`, summary: 'The agents, as models.', isOfVendor: true},
  {method: 'get', path: `${base}/models/:id`, summary: 'One of them.', isOfVendor: true},
])
