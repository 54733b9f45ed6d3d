import type {Hono} from 'hono'
import * as z from 'zod'
import {vendorRoutes} from '../conversation/doors.js'
import type {Door, ServeEnv} from '../http/door.js'
import {dataRoutes} from './data.js'
import {openApi} from './openapi.js'
import {appOf, type Described, type Route, route} from './route.js'
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
      handle: ({c}) => c.json(openApi([...routes, ...vendorRoutes, MCP], door.clinvk.kit.clinvk)),
    }),
    ...turnRoutes,
    ...dataRoutes,
  ]
  return appOf(routes, door)
}

const MCP: Described = {
  method: 'post',
  path: '/mcp',
  summary: 'The tools of `clinvk mcp`, over HTTP: JSON-RPC as the Model Context Protocol has it.',
  body: z.looseObject({jsonrpc: z.literal('2.0'), method: z.string()}),
  streams: true,
  isOfVendor: true,
}
