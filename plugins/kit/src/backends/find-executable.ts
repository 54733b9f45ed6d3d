import {accessSync, constants, statSync} from 'node:fs'
import {isAbsolute, join} from 'node:path'
import {Failure} from '../errors/failure.js'
import {type Env, programDirectories} from '../io.js'
import type {TurnContext} from '../turn/context.js'
import type {BackendEntry} from './discover.js'

/** How to start the agent's program: a file, and arguments that come before those of the plan. */
export interface Executable {
  readonly file: string
  readonly leading: readonly string[]
}

/**
 * Finds the program of a backend: in PATH, or in its own package when the descriptor's path begins with `./`; such a
 * script runs under this Node.
 */
export function findExecutable(
  {descriptor: {executable}, root}: Pick<BackendEntry, 'descriptor' | 'root'>,
  env: Env,
): Executable | undefined {
  if (executable.startsWith('./')) return {file: process.execPath, leading: [join(root, executable)]}
  if (isAbsolute(executable)) return isExecutable(executable) ? {file: executable, leading: []} : undefined
  const endings = process.platform === 'win32' ? (env.PATHEXT ?? '.EXE;.CMD').split(';') : ['']
  for (const directory of programDirectories(env)) {
    for (const ending of endings) {
      const file = join(directory, executable + ending)
      if (isExecutable(file)) return {file, leading: []}
    }
  }

  return undefined
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

/** What a user reads whose agent is not installed: which others are, how to get it, and how to try clinvk without it. */
export function notInstalled(
  {descriptor, name}: BackendEntry,
  {backends, env, settings}: Pick<TurnContext, 'backends' | 'env' | 'settings'>,
): Failure {
  const agents = byName(backends).filter(
    (entry) => entry.name === name || (isAgent(entry) && settings.backends[entry.name]?.enabled !== false),
  )
  agents.sort((a, b) => Number(b.name === name) - Number(a.name === name))
  const found = agents.filter((entry) => entry.name !== name && findExecutable(entry, env))
  const hints =
    found.length === 0
      ? [
          `Looked for ${agents.map((agent) => agent.descriptor.executable).join(', ')}: none is there.`,
          ...agents.map(({descriptor: {install, title}}) => `Install ${title}: ${install}`),
        ]
      : [
          `Install it: ${descriptor.install}`,
          ...found.map((agent) => `${agent.descriptor.title} is there: clinvk -b ${agent.name} "…"`),
        ]
  if (found[0] && settings.default_backend === name)
    hints.push(`To make it the default: clinvk config set default_backend ${found[0].name}`)
  hints.push('Try clinvk without any agent: clinvk -b echo "hello"', 'Check the set-up: clinvk doctor')
  const message = `${descriptor.title} is not installed: there is no ${descriptor.executable} in PATH.`
  return new Failure('unavailable', message, hints)
}

/** Plugins are loaded side by side, in an order that changes from start to start. */
export function byName(backends: ReadonlyMap<string, BackendEntry>): BackendEntry[] {
  return [...backends.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** A script of its own package is always there; it does not count as an agent that one has. */
export function isAgent({descriptor}: BackendEntry): boolean {
  return !descriptor.executable.startsWith('./')
}
