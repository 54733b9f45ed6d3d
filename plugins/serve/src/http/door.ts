import type {HttpBindings} from '@hono/node-server'
import type {Env} from 'clinvk-kit/io'
import type {Clinvk} from '../core/clinvk.js'
import type {Client, TurnRunner} from '../core/turn-runner.js'
import type {ServeSettings} from '../core/settings.js'

/** What a door needs: it answers one API, and runs turns only by `runner`. */
export interface Door {
  readonly clinvk: Clinvk
  readonly runner: TurnRunner
  readonly settings: ServeSettings
  /** In which the server was started. */
  readonly env: Env
}

/** What the gate has found out before a door sees a request: `c.get('client')`. */
export interface ServeEnv {
  /** Absent in tests without a socket. */
  Bindings: Partial<HttpBindings>
  Variables: {
    client: Client
    /** The session that was used: for the log, and the header `x-clinvk-session`. */
    session?: string
    /** With `--log bodies`. */
    logBody?: (text: string) => void
  }
}
