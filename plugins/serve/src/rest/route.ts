import {type Context, Hono} from 'hono'
import * as z from 'zod'
import {ServerFailure} from '../core/errors.js'
import {readJson} from '../http/body.js'
import type {Door, ServeEnv} from '../http/door.js'

/** What the OpenAPI document says of a route. */
export interface Described<Body extends z.ZodType = z.ZodType, Query extends z.ZodType = z.ZodType> {
  readonly method: 'get' | 'post' | 'patch' | 'delete'
  /** `/api/v1/sessions/:id` */
  readonly path: string
  readonly summary: string
  readonly body?: Body
  readonly query?: Query
  /** Whether it may answer with events. */
  readonly streams?: boolean
  /** Whether its errors are those of a vendor's API or of MCP, which their own documents describe. */
  readonly isOfVendor?: boolean
}

/** A route of ours: what is said of it is what checks its requests. */
export interface Route<
  Body extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
> extends Described<Body, Query> {
  readonly handle: (call: Call<z.output<Body>, z.output<Query>>) => Promise<Response> | Response
}

export interface Call<Body = unknown, Query = unknown> {
  readonly c: Context<ServeEnv>
  readonly door: Door
  readonly body: Body
  readonly query: Query
  /** The part of the path that `:id` stands for. */
  readonly id: string
}

/** Keeps the types of a route's schemas for its function. */
export function route<Body extends z.ZodType, Query extends z.ZodType>(one: Route<Body, Query>): Route {
  return one
}

/** An app with these routes. Other methods of their paths are 405. */
export function appOf(routes: readonly Route[], door: Door): Hono<ServeEnv> {
  const app = new Hono<ServeEnv>()
  for (const {body, handle, method, path, query} of routes)
    app.on(method.toUpperCase(), path, async (c) => {
      const given = body && checked(body, await readJson(c, door.settings.max_body), 'field')
      const asked = query && checked(query, c.req.query(), 'parameter')
      return handle({c, door, body: given, query: asked, id: c.req.param('id') ?? ''})
    })
  for (const path of new Set(routes.map((one) => one.path))) {
    const methods = routes.filter((one) => one.path === path).map(({method}) => method.toUpperCase())
    app.all(path, (c) => {
      c.header('allow', methods.join(', '))
      throw new ServerFailure('method', `This path takes only ${methods.join(' and ')}.`)
    })
  }
  return app
}

function checked(schema: z.ZodType, value: unknown, what: 'field' | 'parameter'): unknown {
  const {data, error} = schema.safeParse(value)
  if (!error) return data
  const sentences = error.issues.slice(0, MOST_PROBLEMS).map((issue) => {
    const path = issue.path.join('.')
    if (issue.code === 'unrecognized_keys')
      return `There is no ${what} ${issue.keys.map((key) => [path, key].filter(Boolean).join('.')).join(', ')}.`
    return `${path === '' ? 'The request' : path}: ${issue.message}.`
  })
  throw new ServerFailure('usage', sentences.join(' '), ['All fields: GET /openapi.json'], 'usage')
}

const MOST_PROBLEMS = 5
