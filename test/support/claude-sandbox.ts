import {realpathSync} from 'node:fs'
import {delimiter, dirname, join} from 'node:path'
import {claudeEnv} from './model-server/claude-env.js'
import {type ModelServer, startModelServer} from './model-server/index.js'
import {ROOT, Sandbox} from './sandbox.js'

export interface ClaudeTests {
  /** A fresh user for every test. */
  readonly user: Sandbox
  /** Without rules and calls at the beginning of every test. */
  readonly server: ModelServer
}

/** Gives the tests of a suite the real claude, and a model server that it takes for the real one. */
export function withClaude(): ClaudeTests {
  let server: ModelServer
  let user: Sandbox
  before(async () => {
    server = await startModelServer()
  })
  beforeEach(() => {
    user = new Sandbox()
    const {HOME: home, PATH: path} = user.env as {HOME: string; PATH: string}
    Object.assign(user.env, claudeEnv({url: server.url, home, path}))
  })
  afterEach(() => {
    user.remove()
    server.reset()
  })
  after(() => server.close())
  return {
    get server() {
      return server
    },
    get user() {
      return user
    },
  }
}
