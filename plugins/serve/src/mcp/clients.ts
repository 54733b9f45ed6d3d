import {homedir} from 'node:os'
import {join} from 'node:path'
import {isRecord} from 'clinvk-kit/format/is-record'
import type {Env} from 'clinvk-kit/io'

interface McpClient {
  /** Its own command that adds the server. */
  readonly add: (server: McpCommand) => readonly string[]
  /** Its own command that is needed first where the server is known already. */
  readonly replaces?: readonly string[]
  /** What one of its files needs besides. */
  readonly file?: (env: Env) => FileChange
  /** How it forgets the server, in its shell's words. */
  readonly remove: (env: Env) => readonly string[]
}

export interface FileChange {
  readonly path: string
  /** What is added, for people. */
  readonly adds: string
  /** Throws a SyntaxError where it does not understand what is there. */
  readonly change: (text: string) => string
}

export interface McpCommand {
  readonly words: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

const NAME = 'clinvk'
const READ_ONLY = ['search', 'sessions', 'read']
const REMOVE_CLAUDE = `claude mcp remove -s user ${NAME}`
const CODEX_LINES = ['env_vars = ["CLINVK_DEPTH"]', 'tool_timeout_sec = 600']
const GEMINI_RULE = `# Written by clinvk mcp install gemini.
[[rule]]
mcpName = "${NAME}"
toolName = ${JSON.stringify(READ_ONLY)}
decision = "allow"
priority = 100
`

/** By the agents' own commands (`docs/guide/mcp.md`): claude 2.1.197, codex 0.169.0, gemini 0.61.0, opencode 1.18.33. */
export const MCP_CLIENTS: Readonly<Record<string, McpClient>> = {
  claude: {
    add: (server) => adding(`claude mcp add ${NAME} -s user`, '-e', server, '--'),
    replaces: REMOVE_CLAUDE.split(' '),
    file: (env) => ({
      path: join(env.CLAUDE_CONFIG_DIR || join(homeOf(env), '.claude'), 'settings.json'),
      adds: `permissions.allow for ${READ_ONLY.join(', ')}: they change nothing`,
      change: allowInClaude,
    }),
    remove: () => [REMOVE_CLAUDE],
  },
  codex: {
    add: (server) => adding(`codex mcp add ${NAME}`, '--env', server, '--'),
    file: (env) => ({
      path: join(env.CODEX_HOME || join(homeOf(env), '.codex'), 'config.toml'),
      adds: `${CODEX_LINES.join(', ')} in [mcp_servers.${NAME}]`,
      change: addToCodex,
    }),
    remove: () => [`codex mcp remove ${NAME}`],
  },
  gemini: {
    add: (server) => adding('gemini mcp add -s user --timeout 600000', '-e', server, NAME),
    // gemini asks before it uses a tool of a server, and without a terminal it does not know the tool at all.
    file: (env) => ({
      path: geminiPolicy(env),
      adds: `a rule that allows ${READ_ONLY.join(', ')}: they change nothing`,
      change: () => GEMINI_RULE,
    }),
    remove: (env) => [`gemini mcp remove -s user ${NAME}`, `rm ${geminiPolicy(env)}`],
  },
  opencode: {
    add: (server) => adding(`opencode mcp add ${NAME}`, '--env', server, '--'),
    remove: () => [`take "${NAME}" out of "mcp" in ~/.config/opencode/opencode.json (or .jsonc)`],
  },
}

/** `command -e A=1 -e B=2 -- clinvk mcp` */
function adding(command: string, flag: string, {env, words}: McpCommand, before: string): string[] {
  const variables = Object.entries(env).flatMap(([name, value]) => [flag, `${name}=${value}`])
  return [...command.split(' '), ...variables, before, ...words]
}

function homeOf(env: Env): string {
  return env.HOME || homedir()
}

function geminiPolicy(env: Env): string {
  return join(homeOf(env), '.gemini/policies/clinvk.toml')
}

/** claude asks before it uses a tool that is not allowed, and without a terminal it does not use it. */
function allowInClaude(text: string): string {
  const settings: unknown = text.trim() === '' ? {} : JSON.parse(text)
  if (!isRecord(settings)) throw new SyntaxError('it is not an object')
  const permissions = isRecord(settings.permissions) ? settings.permissions : {}
  const allow: unknown[] = Array.isArray(permissions.allow) ? permissions.allow : []
  const tools = READ_ONLY.map((tool) => `mcp__${NAME}__${tool}`).filter((tool) => !allow.includes(tool))
  if (tools.length === 0) return text
  const changed = {...settings, permissions: {...permissions, allow: [...allow, ...tools]}}
  return `${JSON.stringify(changed, undefined, 2)}\n`
}

/**
 * codex passes on few variables, and gives up a call after a minute. It has just written the section, so none of these
 * lines is in it.
 */
function addToCodex(text: string): string {
  const header = `[mcp_servers.${NAME}]`
  const lines = text.split('\n')
  const index = lines.findIndex((line) => line.trim() === header)
  if (index === -1) throw new SyntaxError(`it has no line ${header}`)
  return lines.toSpliced(index + 1, 0, ...CODEX_LINES).join('\n')
}
