import type {Hono} from 'hono'
import type {Door, ServeEnv} from '../http/door.js'
import {dataRoutes} from './data.js'
import {openApi} from './openapi.js'
import {appOf, type Route, route} from './route.js'
import {turnRoutes} from './turns.js'

/** `/health`, `/openapi.json` and `/api/v1` (`docs/guide/serve.md`). */
export function restDoor(door: Door): Hono<ServeEnv> {
  const routes: Route[] = [
    // Without the token, so it tells nothing else.
    route({
      method: 'get',
      path: '/health',
      summary: 'Whether the server is there.',
      handle: ({c}) => c.json({status: 'ok'}),
    }),
    route({
      method: 'get',
      path: '/openapi.json',
      summary: 'This document.',
      handle: ({c}) => c.json(openApi(routes, door.clinvk.kit.clinvk)),
    }),
    ...turnRoutes,
    ...dataRoutes,
  ]
  return appOf(routes, door)
}
