import {readFile} from 'node:fs/promises'
import {join, resolve} from 'node:path'
import {Failure} from '../failure.js'
import {clinvkHome} from './home.js'
import {DEFAULTS, type Settings} from './settings.js'

type Env = Readonly<Record<string, string | undefined>>

/**
 * The settings in force: environment over file over default. The file is
 * `--config`, else `CLINVK_CONFIG`, else `config.yaml` in clinvk's home, which
 * alone may be missing. Throws a Failure of kind `config` that names file, line
 * and key.
 */
export async function loadSettings({
  file,
  cwd,
  env,
}: {
  file?: string
  cwd: string
  env: Env
}): Promise<Settings> {
  const named = file ?? env.CLINVK_CONFIG
  const path = named ? resolve(cwd, named) : join(clinvkHome(env), 'config.yaml')
  const source = await read(path, Boolean(named))
  // Neither the YAML parser nor the schema is loaded for a user without a file.
  const settings = source === undefined ? DEFAULTS : (await import('./parse.js')).parseSettings(source, path)
  return withEnvironment(settings, env)
}

async function read(path: string, mustExist: boolean): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const {code, message} = error as NodeJS.ErrnoException
    if (code === 'ENOENT' && !mustExist) return undefined
    throw new Failure(
      'config',
      code === 'ENOENT' ? `${path}: there is no such file.` : `${path} cannot be read: ${message}`,
    )
  }
}

/** `CLINVK_BACKEND`, and `CLINVK_CLAUDE_MODEL` for each backend, as the reference program has them. */
function withEnvironment(settings: Settings, env: Env): Settings {
  const models = Object.entries(env).flatMap(([name, value]) => {
    const backend = /^CLINVK_([A-Z0-9]+)_MODEL$/.exec(name)?.[1]?.toLowerCase()
    return backend && value ? [[backend, {...settings.backends[backend], model: value}] as const] : []
  })
  const {CLINVK_BACKEND: backend} = env
  if (!backend && models.length === 0) return settings
  return {
    ...settings,
    ...(backend ? {default_backend: backend} : {}),
    backends: {...settings.backends, ...Object.fromEntries(models)},
  }
}
