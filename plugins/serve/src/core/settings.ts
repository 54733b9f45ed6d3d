import {Failure} from 'clinvk-kit/errors/failure'
import {parseDuration} from 'clinvk-kit/format/time'
import * as z from 'zod'

const texts = z.array(z.string().min(1))
const count = z.int().min(1)

/** The section `server` of config.yaml (`docs/guide/serve.md`). A project file cannot set it. */
const schema = z.strictObject({
  host: z.string().min(1).default('127.0.0.1'),
  port: z.int().min(0).max(65_535).default(8080),
  /** Directories below which turns may run, as they were written; default: the one in which the server was started. */
  directories: texts.optional(),
  approval: z.enum(['none', 'default', 'auto']).default('default'),
  sandbox: z.enum(['read-only', 'workspace', 'full']).default('workspace'),
  allow: z.array(z.enum(['extra', 'allowed_tools', 'system_prompt'])).default([]),
  max_turns: count.default(4),
  max_waiting: z.int().min(0).default(16),
  turn_timeout: z
    .string()
    .transform((text) => parseDuration(text) ?? 0)
    .refine((ms) => ms > 0, 'a duration such as 90s or 30m')
    .optional(),
  max_tokens: count.optional(),
  max_request_body_bytes: z.int().min(0).default(0),
  /** Names, besides those of this machine, by which clients reach the server. */
  allowed_hosts: texts.default([]),
  /** Pages that may call the server: `https://chat.example`. */
  allowed_origins: texts.default([]),
  trusted_proxies: texts.default([]),
  /** Titles and tags, which chat programs ask for: answered by an agent, or without one. */
  tasks: z.enum(['agent', 'off']).default('agent'),

  // Of clinvoker, whose files stay valid.
  allowed_workdir_prefixes: texts.optional(),
  cors_allowed_origins: texts.optional(),
  request_timeout_secs: z.int().optional(),
})

export type ServeSettings = ReturnType<typeof serveSettings>

/** Checks the section. `warn` is told what has no effect. Throws a Failure of kind `config` that names the key. */
export function serveSettings(section: unknown = {}, warn: (message: string) => void = () => undefined) {
  const entries = Object.entries((section ?? {}) as Record<string, unknown>)
  const ignored = entries.map(([key]) => key).filter((key) => WITHOUT_EFFECT.has(key))
  if (ignored.length > 0)
    warn(`server: ${ignored.join(', ')} ${ignored.length === 1 ? 'has' : 'have'} no effect.`)
  const {data, error} = schema.safeParse(
    Object.fromEntries(entries.filter(([key]) => !WITHOUT_EFFECT.has(key))),
  )
  if (error)
    throw new Failure('config', `server: ${sentenceOf(error.issues[0]!)}`, ['See: clinvk config show'])
  const {
    allowed_workdir_prefixes: prefixes,
    cors_allowed_origins: origins = [],
    max_request_body_bytes: bytes,
    request_timeout_secs: secs = 0,
    ...own
  } = data
  const patterns = origins.filter((origin) => origin.includes('*'))
  if (patterns.length > 0)
    warn(`server.cors_allowed_origins: ${patterns.join(', ')} has no effect: it must be a whole origin.`)
  const {allowed_origins: allowed, directories = prefixes && [], turn_timeout: timeout} = own
  return {
    ...own,
    directories: directories && [...directories, ...(prefixes ?? [])],
    allowed_origins: [...allowed, ...origins.filter((origin) => !patterns.includes(origin))],
    /** Milliseconds. */
    turn_timeout: timeout ?? (secs > 0 ? secs * 1000 : TURN_TIMEOUT),
    /** Bytes. */
    max_body: bytes || MAX_BODY,
  }
}

/** `port: Too big: expected number to be <=65535` */
function sentenceOf(issue: z.core.$ZodIssue): string {
  const path = issue.path.join('.')
  if (issue.code !== 'unrecognized_keys') return `${path === '' ? '' : `${path}: `}${issue.message}.`
  return `there is no setting ${issue.keys.map((key) => [path, key].filter(Boolean).join('.')).join(', ')}.`
}

/** Of clinvoker. */
const WITHOUT_EFFECT = new Set([
  'api_keys_gopass_path', 'blocked_workdir_prefixes', 'cors_allow_credentials', 'cors_max_age', 'idle_timeout_secs',
  'metrics_enabled', 'rate_limit_burst', 'rate_limit_cleanup_secs', 'rate_limit_enabled', 'rate_limit_rps',
  'read_timeout_secs', 'write_timeout_secs',
]) // prettier-ignore
const TURN_TIMEOUT = 30 * 60_000
const MAX_BODY = 4 * 1024 * 1024
