import {Hono} from 'hono'
import {anthropicDoor} from '../anthropic/anthropic.js'
import type {MakeDoor, ServeEnv} from '../http/door.js'
import {openaiDoor} from '../openai/openai.js'
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
