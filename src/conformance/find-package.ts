import {statSync} from 'node:fs'
import {join, resolve} from 'node:path'
import type {Config} from '@oclif/core'
import {backendsOf} from 'clinvk-kit/backends/discover'
import {Failure} from 'clinvk-kit/errors/failure'

/** Where the package of a backend lies, and which of its backends is meant; all of them when it was named by its path. */
export function findPackage(
  wanted: string,
  {config, cwd}: {config: Config; cwd: string},
): {directory: string; backend?: string} {
  const {backends, problems} = backendsOf(config)
  const isPath = /[/\\]|^\.{1,2}$/.test(wanted)
  const installed = isPath ? undefined : backends.get(wanted)
  if (installed) return {directory: installed.root, backend: wanted}
  const directory = resolve(cwd, wanted)
  if (isPath || isFile(join(directory, 'package.json'))) return {directory}
  // One whose descriptor clinvk cannot use is there all the same.
  const broken = config.getPluginsList().find(({name}) => name === `clinvk-backend-${wanted}`)
  if (broken) return {directory: broken.root}
  throw new Failure('unavailable', `There is no backend named ${wanted}.`, [
    `There are: ${[...backends.keys()].sort().join(', ')}`,
    `Before it is installed, name its directory: clinvk backends test ./clinvk-backend-${wanted}`,
    ...problems,
  ])
}

function isFile(path: string): boolean {
  return statSync(path, {throwIfNoEntry: false})?.isFile() ?? false
}
