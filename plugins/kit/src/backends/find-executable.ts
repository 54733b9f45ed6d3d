import {accessSync, constants, statSync} from 'node:fs'
import {delimiter, isAbsolute, join, resolve} from 'node:path'
import {Failure} from '../errors/failure.js'
import type {Settings} from '../settings/settings.js'
import type {BackendEntry} from './discover.js'

/** How to start the agent's program: a file, and arguments that come before those of the plan. */
export interface Executable {
  readonly file: string
  readonly leading: readonly string[]
}

/**
 * Finds the program of a backend: in PATH, or in its own package when the
 * descriptor's path begins with `./`; such a script runs under this Node.
 */
export function findExecutable(
  {descriptor: {executable}, root}: Pick<BackendEntry, 'descriptor' | 'root'>,
  env: Readonly<Record<string, string | undefined>>,
): Executable | undefined {
  if (executable.startsWith('./')) return {file: process.execPath, leading: [join(root, executable)]}
  if (isAbsolute(executable)) return isExecutable(executable) ? {file: executable, leading: []} : undefined
  const endings = process.platform === 'win32' ? (env.PATHEXT ?? '.EXE;.CMD').split(';') : ['']
  for (const directory of (env.PATH ?? '').split(delimiter)) {
    for (const ending of endings) {
      // Absolute, because the agent may run in another directory than the one that PATH is relative to.
      const file = resolve(directory, executable + ending)
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

/** What a user reads whose agent is not there: what was found instead, how to get one, and how to try without. */
export function notInstalled(
  wanted: BackendEntry,
  {
    backends,
    env,
    settings,
  }: {
    backends: ReadonlyMap<string, BackendEntry>
    env: Readonly<Record<string, string | undefined>>
    settings: Settings
  },
): Failure {
  const {descriptor, name} = wanted
  const others = byName(backends).filter(
    (entry) => entry.name !== name && isAgent(entry) && settings.backends[entry.name]?.enabled !== false,
  )
  const found = others.filter((entry) => findExecutable(entry, env))
  const [other] = found
  const hints =
    other === undefined
      ? [
          `Looked for ${[wanted, ...others].map((agent) => agent.descriptor.executable).join(', ')}: none is there.`,
          ...[wanted, ...others].map(
            (agent) => `Install ${agent.descriptor.title}: ${agent.descriptor.install}`,
          ),
        ]
      : [
          `Install it: ${descriptor.install}`,
          ...found.map((agent) => `${agent.descriptor.title} is there: clinvk -b ${agent.name} "…"`),
          ...(settings.default_backend === name
            ? [`To make it the default: clinvk config set default_backend ${other.name}`]
            : []),
        ]
  return new Failure(
    'unavailable',
    `${descriptor.title} is not installed: there is no ${descriptor.executable} in PATH.`,
    [...hints, 'Try clinvk without any agent: clinvk -b echo "hello"', 'Check the set-up: clinvk doctor'],
  )
}

/** Plugins are loaded side by side, in an order that changes from start to start. */
export function byName(backends: ReadonlyMap<string, BackendEntry>): BackendEntry[] {
  return [...backends.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** A script of its own package is always there; it does not count as an agent that one has. */
export function isAgent({descriptor}: BackendEntry): boolean {
  return !descriptor.executable.startsWith('./')
}
