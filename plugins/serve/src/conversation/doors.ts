import {Hono} from 'hono'
import {anthropicDoor, anthropicRoutes} from '../anthropic/anthropic.js'
import type {MakeDoor, ServeEnv} from '../http/door.js'
import {openaiDoor, openaiRoutes} from '../openai/openai.js'
import type {Described} from '../rest/route.js'
import {Conversations} from './ask.js'

/** The APIs of the vendors, for programs that know them already. Their paths do not clash, so `/v1` has both. */
export const vendorDoors: MakeDoor = (door) => {
  const conversations = new Conversations(door)
  const app = new Hono<ServeEnv>()
  app.route('/anthropic/v1', anthropicDoor(door, conversations))
  app.route('/openai/v1', openaiDoor(door, conversations))
  app.route('/v1', anthropicDoor(door, conversations))
  app.route('/v1', openaiDoor(door, conversations))
  return app
}

/** The routes of these doors, as `/openapi.json` describes them. */
export const vendorRoutes: readonly Described[] = [
  ...below('/anthropic/v1', anthropicRoutes),
  ...below('/openai/v1', openaiRoutes),
  ...below('/v1', [...anthropicRoutes, ...openaiRoutes]),
]

function below(path: string, routes: readonly Described[]): Described[] {
  return routes.map((route) => ({...route, path: path + route.path}))
}
