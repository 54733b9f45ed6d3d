import type {Context, Hono} from 'hono'
import * as z from 'zod'
import {BadRequest, ServerFailure} from '../core/errors.js'
import {readJson} from './body.js'
import type {ServeEnv} from './door.js'

/** What the OpenAPI document says of a route; its schemas are those that check requests. */
export interface Described<Body extends z.ZodType = z.ZodType, Query extends z.ZodType = z.ZodType> {
  /** `POST /api/v1/sessions/:id` */
  readonly on: `${'GET' | 'POST' | 'PATCH' | 'DELETE'} ${string}`
  readonly summary: string
  readonly body?: Body
  readonly query?: Query
  readonly streams?: boolean
  /** Whether its errors are those of a vendor's API or of MCP, which their own documents describe. */
  readonly isOfVendor?: boolean
}

export interface Route extends Described {
  /** What it returns is the answer, as JSON unless it is a Response. */
  readonly handle: (call: Call) => object | Promise<object>
}

export interface Call<Body = unknown, Query = unknown> {
  readonly c: Context<ServeEnv>
  readonly body: Body
  readonly query: Query
  /** The part of the path that `:id` stands for. */
  readonly id: string
}

/** Keeps the types of a route's schemas for its function. */
export function route<Body extends z.ZodType, Query extends z.ZodType>(
  on: Described['on'],
  summary: string,
  about: Omit<Described<Body, Query>, 'on' | 'summary'>,
  handle: (call: Call<z.output<Body>, z.output<Query>>) => object | Promise<object>,
): Route {
  return {on, summary, ...about, handle: handle as Route['handle']}
}

/** Adds routes to an app. Other methods of their paths are 405. */
export function addRoutes(app: Hono<ServeEnv>, routes: readonly Route[], largestBody: number): void {
  const methods = new Map<string, string[]>()
  for (const {body, handle, on, query} of routes) {
    const [method = '', path = ''] = on.split(' ')
    methods.set(path, [...(methods.get(path) ?? []), method])
    app.on(method, path, async (c) => {
      const given = body && checked(body, await readJson(c, largestBody), 'field')
      const asked = query && checked(query, c.req.query(), 'parameter')
      const answer = await handle({c, body: given, query: asked, id: c.req.param('id') ?? ''})
      return answer instanceof Response ? answer : c.json(answer)
    })
  }
  for (const [path, allowed] of methods)
    app.all(path, (c) => {
      c.header('allow', allowed.join(', '))
      throw new ServerFailure('method', `This path takes only ${allowed.join(' and ')}.`)
    })
}

function checked(schema: z.ZodType, value: unknown, what: 'field' | 'parameter'): unknown {
  const {data, error} = schema.safeParse(value)
  if (!error) return data
  const sentences = error.issues.slice(0, MOST_PROBLEMS).map((issue) => {
    const path = z.core.toDotPath(issue.path)
    if (issue.code === 'unrecognized_keys')
      return `There is no ${what} ${issue.keys.map((key) => [path, key].filter(Boolean).join('.')).join(', ')}.`
    const name = path || 'The request'
    if (issue.message.endsWith('received undefined')) return `${name} is missing.`
    return `${name}: ${issue.message.replace(/^Invalid \w+: /, '')}.`
  })
  const param = z.core.toDotPath(error.issues[0]!.path) || undefined
  throw new BadRequest(sentences.join(' '), param, undefined, ['All fields: GET /openapi.json'])
}

const MOST_PROBLEMS = 5
