import {Hono} from 'hono'
import type {ServeEnv} from '../http/door.js'

/** `/health`, `/openapi.json` and `/api/v1` (`docs/guide/serve.md`). */
export function restDoor(): Hono<ServeEnv> {
  const app = new Hono<ServeEnv>()
  app.get('/health', (c) => c.json({status: 'ok'}))
  return app
}
