import type {Interfaces} from '@oclif/core'
import type {Descriptor} from 'clinvk-contract'
import {backendsOf} from '../backends/discover.js'
import {Failure} from '../errors/failure.js'
import {realPathOf} from '../files/read-file.js'
import {findProjectFile, readSettingsFile, userFile} from './files.js'
import type {Found, TextFile} from './resolve.js'
import {DEFAULTS, type Settings} from './settings.js'

export interface SettingsPlace {
  /** The user's file, as named by `--config`. */
  readonly file?: string | undefined
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where the project file is looked for, from here upwards. Undefined: no project counts. */
  readonly project?: string
  /** Undefined: settings of backends and plugins are not checked. */
  readonly installed?: Installed
}

export interface Installed {
  readonly backends: ReadonlyMap<string, {readonly descriptor: Pick<Descriptor, 'options' | 'capabilities'>}>
  readonly plugins: Iterable<string>
}

export async function installedIn(config: Interfaces.Config): Promise<Installed> {
  return {backends: (await backendsOf(config)).backends, plugins: config.plugins.keys()}
}

/**
 * The settings in force: environment over project file over user file over defaults. `warn` gets a sentence
 * for each setting that has no effect. Throws a Failure of kind `config` that names the place and the key.
 */
export async function loadSettings(
  place: SettingsPlace,
  warn: (message: string) => void = () => undefined,
): Promise<Settings> {
  const found = findSettings(place)
  if (isEmpty(found)) return DEFAULTS
  const {resolveSettings} = await import('./resolve.js')
  const {problems, settings, warnings} = resolveSettings(found)
  const [first, ...others] = problems
  if (first) throw (await import('./check.js')).failureOf([first, ...others])
  for (const warning of warnings) warn(warning)
  return settings
}

/** Reads the files. The user's must exist when it was named. */
export function findSettings(place: SettingsPlace, mustExist = true): Found {
  const {env, installed, project: directory} = place
  const {isNamed, path} = userFile(place)
  const user = textOf(path, 'user')
  if (!user && isNamed && mustExist) {
    throw new Failure('config', `${path} does not exist.`, [
      'Create it: clinvk config init, with the same --config or CLINVK_CONFIG',
    ])
  }

  const projectPath = directory === undefined ? undefined : findProjectFile(realPathOf(directory))
  const project =
    projectPath === undefined || projectPath === path ? undefined : textOf(projectPath, 'project')
  return {env, user, project, installed}
}

/** Whether the defaults are in force. Then a short command loads neither the YAML parser nor the schema. */
export function isEmpty({env, project, user}: Found): boolean {
  const mayBeSet = (name: string) => name.startsWith('CLINVK_') && env[name] && !NO_SETTINGS.has(name)
  return !user && !project && !Object.keys(env).some((name) => mayBeSet(name))
}

/** A directory that is itself behind a link belongs to where it is. */
function textOf(file: string, kind: 'user' | 'project'): TextFile | undefined {
  const text = readSettingsFile(file, kind)
  return text === undefined ? undefined : {file, text}
}

/** Variables of clinvk, oclif and clinvoker that are not settings. */
const NO_SETTINGS: ReadonlySet<string> = new Set(
  [
    'HOME', 'CONFIG', 'NO_PLUGINS', 'TURN_ID', 'DATA_DIR', 'CONFIG_DIR', 'CACHE_DIR', 'API_KEYS',
    'API_KEYS_GOPASS_PATH', 'NPM_REGISTRY', 'NPM_LOG_LEVEL',
  ].map((name) => `CLINVK_${name}`),
) // prettier-ignore
