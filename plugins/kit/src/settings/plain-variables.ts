import {DEFAULTS, type Settings} from './settings.js'

type Env = Readonly<Record<string, string | undefined>>

/**
 * The defaults with the two settings that people keep in their environment: the
 * backend, and models. Undefined when a variable may mean anything else: then the
 * schema must be asked, which takes longer to load than all that starts before it.
 */
export function plainSettings(
  env: Env,
  backends: ReadonlyMap<string, unknown> | undefined,
): Settings | undefined {
  let settings = DEFAULTS
  for (const name of Object.keys(env)) {
    const value = env[name]
    if (!name.startsWith('CLINVK_') || !value || OTHERS.has(name)) continue
    const backend = /^CLINVK_(?!BACKENDS_)([A-Z0-9]+)_MODEL$/.exec(name)?.[1]?.toLowerCase()
    if (name === 'CLINVK_BACKEND') settings = {...settings, default_backend: value}
    else if (backend !== undefined && backends?.has(backend) !== false && !value.startsWith('-'))
      settings = {...settings, backends: {...settings.backends, [backend]: {model: value}}}
    else return undefined
  }

  return settings
}

/** Variables of clinvk, oclif and clinvoker that are no settings. */
const OTHERS: ReadonlySet<string> = new Set(
  [
    'HOME', 'CONFIG', 'NO_PLUGINS', 'TURN_ID', 'DATA_DIR', 'CONFIG_DIR', 'CACHE_DIR', 'API_KEYS',
    'API_KEYS_GOPASS_PATH', 'NPM_REGISTRY', 'NPM_LOG_LEVEL',
  ].map((name) => `CLINVK_${name}`),
) // prettier-ignore
