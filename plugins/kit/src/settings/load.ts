import {join, resolve} from 'node:path'
import {Failure} from '../failure.js'
import {clinvkHome} from './home.js'
import type {Installed} from './installed.js'
import {plainSettings} from './plain-variables.js'
import {findProjectFile} from './project-file.js'
import {readSettingsFile} from './read-file.js'
import type {Found, TextFile} from './resolve.js'
import type {Settings} from './settings.js'

/** Where settings are looked for. */
export interface SettingsPlace {
  /** The user's file, as named by `--config`. */
  readonly file?: string | undefined
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** The directory of the work: the project file is looked for from here upwards. Not given: no project counts. */
  readonly project?: string
  /** Not given: settings of backends and plugins are taken as they are. */
  readonly installed?: Installed
}

/**
 * The settings in force: environment over project file over user file over
 * defaults. `warn` gets a sentence for each setting that has no effect. Throws a
 * Failure of kind `config` that names the place and the key.
 */
export async function loadSettings(
  place: SettingsPlace,
  warn: (message: string) => void = () => undefined,
): Promise<Settings> {
  const found = await findSettings(place)
  if (!found.user && !found.project) {
    // Neither the YAML parser nor the schema is loaded for a user without a file.
    const plain = plainSettings(place.env, place.installed?.backends)
    if (plain) return plain
  }

  const {resolveSettings} = await import('./resolve.js')
  const {problems, settings, warnings} = resolveSettings(found)
  const [first, ...others] = problems
  if (first) throw (await import('./problem.js')).failureOf([first, ...others])
  for (const warning of warnings) warn(warning)
  return settings
}

/** The files and variables that count, unread of their sense. The user's file must be there when it was named. */
export async function findSettings(place: SettingsPlace, mustExist = true): Promise<Found> {
  const {env, installed, project: directory} = place
  const {isNamed, path} = userFile(place)
  const user = await textOf(path)
  if (!user && isNamed && mustExist) {
    throw new Failure('config', `${path}: there is no such file.`, [
      'Make one: clinvk config init, with the same --config or CLINVK_CONFIG',
    ])
  }

  const projectPath = directory === undefined ? undefined : findProjectFile(directory)
  const project = projectPath === undefined || projectPath === path ? undefined : await textOf(projectPath)
  return {env, ...(user ? {user} : {}), ...(project ? {project} : {}), ...(installed ? {installed} : {})}
}

/** The user's own file: `--config`, else `CLINVK_CONFIG`, else `config.yaml` in clinvk's home, which alone may be missing. */
export function userFile({cwd, env, file}: Pick<SettingsPlace, 'cwd' | 'env' | 'file'>): {
  path: string
  isNamed: boolean
} {
  const named = file || env.CLINVK_CONFIG
  return {
    path: named ? resolve(cwd, named) : join(clinvkHome(env), 'config.yaml'),
    isNamed: Boolean(named),
  }
}

async function textOf(file: string): Promise<TextFile | undefined> {
  const text = await readSettingsFile(file)
  return text === undefined ? undefined : {file, text}
}
