import {Hono} from 'hono'
import type {MakeDoor, ServeEnv} from '../http/door.js'
import {Jobs} from './jobs.js'

/** The same tools over HTTP. The SDK, which takes 10 MB of memory, is loaded by the first request. */
export const mcpDoor: MakeDoor = (door) => {
  // What an agent has asked for and comes back for is found again by any request.
  const jobs = new Jobs()
  const app = new Hono<ServeEnv>()
  app.all('/', async (c) => {
    const {answer} = await import('./handler.js')
    return answer(c, door, jobs)
  })
  return app
}
