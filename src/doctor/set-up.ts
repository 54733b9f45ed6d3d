import {existsSync, readdirSync, statfsSync, statSync} from 'node:fs'
import {chmod} from 'node:fs/promises'
import {join} from 'node:path'
import type {Interfaces} from '@oclif/core'
import {backendsOf} from 'clinvk-kit/backends/discover'
import type {Finding} from 'clinvk-kit/hooks/doctor'
import {clinvkHome} from 'clinvk-kit/settings/files'
import {versionStanding} from 'clinvk-kit/turn/agent-version'
import {refusedModes} from 'clinvk-kit/turn/refuse'
import {scriptOf, shellOf, stateOf} from '../completion/install.js'
import type {DoctorContext} from './context.js'

export function installationFindings({config}: DoctorContext): Finding[] {
  const own = config.getPluginsList().filter(({type}) => type === 'core')
  const packages = (config.pjson.oclif.plugins ?? []).filter((name) => !config.plugins.has(name))
  const missing = [
    ...packages.map((name) => `A package of clinvk is missing or damaged: ${name}`),
    ...own.flatMap((plugin) => missingFiles(plugin)).map((file) => `A file of clinvk is missing: ${file}`),
  ]
  const hints = ['Install it again: npm install -g clinvk']
  return missing.length === 0
    ? [{state: 'ok', message: `clinvk ${config.version} in ${config.root}`}]
    : missing.map((message) => ({state: 'problem', message, hints}))
}

export function missingFiles({
  commands,
  pjson,
  root,
}: Pick<Interfaces.Plugin, 'commands' | 'pjson' | 'root'>): string[] {
  const {clinvk, oclif} = pjson as {
    clinvk?: {backends?: Record<string, {module: string; executable: string}>}
    oclif?: {hooks?: Record<string, string>}
  }
  const backends = Object.values(clinvk?.backends ?? {}).flatMap(({executable, module}) => [
    module,
    ...(executable.startsWith('./') ? [executable] : []),
  ])
  const ofCommands = commands.map(({relativePath = []}) => join(...relativePath))
  const files = new Set([...backends, ...Object.values(oclif?.hooks ?? {}), ...ofCommands])
  return [...files].map((file) => join(root, file)).filter((path) => !existsSync(path))
}

export function nodeFindings({config}: DoctorContext): Finding[] {
  const {node} = process.versions
  const {node: range = ''} = (config.pjson.engines ?? {}) as {node?: string}
  const needed = /\d+(\.\d+)*/.exec(range)?.[0]
  if (versionStanding(node, {supportedFrom: needed}) !== 'too old')
    return [{state: 'ok', message: `Node ${node}`}]
  const hints = ['Get it from https://nodejs.org, or with your version manager.']
  return [{state: 'problem', message: `Node ${node} is too old: clinvk needs ${needed} or later.`, hints}]
}

export async function settingsFindings({config, settings, ...context}: DoctorContext): Promise<Finding[]> {
  const {settingsFailure: failure, settingsFile: file} = context
  if (failure) return [{state: 'problem', message: failure.message, hints: failure.hints}]
  const message = existsSync(file) ? `settings in ${file}` : `no settings file (${file}): the defaults`
  const refused = refusedModes(settings, (await backendsOf(config)).backends)
  return [{state: 'ok', message}, ...refused.map((one): Finding => ({state: 'warning', message: one}))]
}

/** The directory of clinvk's own data: who can read it, its size, the free space of the disk. */
export function homeFindings({config, env}: DoctorContext): Finding[] {
  const home = clinvkHome(env)
  if (!existsSync(home)) return [{state: 'ok', message: `${home} is created with the first session`}]
  const below = ['sessions', 'index', 'work', 'runs'].map((name) => join(home, name))
  return [space(home), ...[home, ...below, config.dataDir].flatMap(permissions)]
}

function space(home: string): Finding {
  const {bavail, bsize} = statfsSync(home)
  const free = bavail * bsize
  const paths = ['sessions', 'index'].map((name) => join(home, name)).filter((path) => existsSync(path))
  const files = paths.flatMap((path) => readdirSync(path).map((name) => join(path, name)))
  const used = files.reduce((sum, file) => sum + (statSync(file, {throwIfNoEntry: false})?.size ?? 0), 0)
  const message = `${home} uses ${megabytes(used)}; ${megabytes(free)} are free`
  if (free > MIN_FREE_BYTES) return {state: 'ok', message}
  const hints = ['Delete old sessions: clinvk sessions clean --older-than 30d']
  return {state: 'warning', message: `${message}: soon sessions cannot be saved.`, hints}
}

/** They contain prompts, and code that clinvk runs. What is below a private one is safe unless others may change it. */
function permissions(directory: string, index: number, [home]: readonly string[]): Finding[] {
  const mode = modeOf(directory)
  const unwanted = index > 0 && (modeOf(home!) & 0o077) === 0 ? 0o022 : 0o077
  if (process.platform === 'win32' || (mode & unwanted) === 0) return []
  return [
    {
      state: 'warning',
      message: `Other users of this machine can ${mode & 0o022 ? 'change' : 'read'} ${directory} (mode ${mode.toString(8)}).`,
      async repair() {
        await chmod(directory, mode & 0o700)
        return `Made ${directory} private (mode ${(mode & 0o700).toString(8)}).`
      },
    },
  ]
}

function modeOf(directory: string): number {
  return (statSync(directory, {throwIfNoEntry: false})?.mode ?? 0) & 0o777
}

function megabytes(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`
}

/** Whether TAB completes clinvk in the user's shell. Completion is optional, so this is never a problem. */
export async function completionFindings({
  config,
  env,
}: Pick<DoctorContext, 'config' | 'env'>): Promise<Finding[]> {
  const shell = shellOf(env)
  if (!shell) return [{state: 'ok', message: 'completion: unknown shell, see clinvk completion'}]
  const [remove, install] = ['--uninstall', '--install'].map((flag) => `clinvk completion ${shell} ${flag}`)
  const results = {
    installed: {message: `completion is installed for ${shell}`},
    old: {
      message: `completion for ${shell} is of another version`,
      hints: [`Renew it: ${remove} && ${install}`],
    },
    missing: {message: `completion is not installed for ${shell}`, hints: [`Install it: ${install}`]},
  }
  return [{state: 'ok', ...results[await stateOf(shell, await scriptOf(shell, config.root), env)]}]
}

const MIN_FREE_BYTES = 100e6
