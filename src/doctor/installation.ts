import {existsSync} from 'node:fs'
import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import type {Interfaces} from '@oclif/core'
import type {Check, Finding} from 'clinvk-kit/hooks/doctor'
import type {DoctorContext} from './context.js'

/** Whether all packages and files of clinvk exist. */
export function installationCheck({config}: DoctorContext): Check {
  return {
    name: 'installation',
    async run() {
      const own = config.getPluginsList().filter(({type}) => type === 'core')
      const there = new Set(config.plugins.keys())
      const packages = (config.pjson.oclif.plugins ?? []).filter((name) => !there.has(name))
      const files = (await Promise.all(own.map((plugin) => missingFiles(plugin)))).flat()
      const missing = [
        ...packages.map((name) => `A package of clinvk is missing or damaged: ${name}`),
        ...files.map((file) => `A file of clinvk is missing: ${file}`),
      ]
      if (missing.length === 0) return [{state: 'ok', message: `clinvk ${config.version} in ${config.root}`}]
      return missing.map((message): Finding => ({
        state: 'problem',
        message,
        hints: ['Install it again: npm install -g clinvk'],
      }))
    },
  }
}

/** Whether this version of Node is supported. */
export function nodeCheck({config}: DoctorContext): Check {
  const {node} = process.versions
  const {node: range = ''} = (config.pjson.engines ?? {}) as {node?: string}
  const needed = /\d+(\.\d+)*/.exec(range)?.[0] ?? '0'
  return {
    name: 'node',
    run() {
      if (!isOlder(node, needed)) return [{state: 'ok', message: `Node ${node}`}]
      const hints = ['Get it from https://nodejs.org, or with your version manager.']
      return [{state: 'problem', message: `Node ${node} is too old: clinvk needs ${needed} or later.`, hints}]
    },
  }
}

/** Compares versions number by number. */
export function isOlder(version: string, than: string): boolean {
  const [left = [], right = []] = [version, than].map((text) => text.split('.').map(Number))
  const index = right.findIndex((part, at) => (left[at] ?? 0) !== part)
  return index !== -1 && (left[index] ?? 0) < right[index]!
}

/** Where oclif finds commands or a hook: a file or folder, or what a file exports. */
type Target = string | {readonly target: string}

/** Files that a package declares and does not have: those of its commands, hooks and backends. */
export async function missingFiles({
  pjson,
  root,
}: Pick<Interfaces.Plugin, 'pjson' | 'root'>): Promise<string[]> {
  const {clinvk, oclif} = pjson as {
    clinvk?: {backends?: Record<string, {module: string; executable: string}>}
    oclif?: {commands?: Target; hooks?: Record<string, Target | Target[]>}
  }
  const backends = Object.values(clinvk?.backends ?? {}).flatMap(({executable, module}) => [
    module,
    ...(executable.startsWith('./') ? [executable] : []),
  ])
  const targets = [...Object.values(oclif?.hooks ?? {}).flat(), ...(oclif?.commands ? [oclif.commands] : [])]
    .map((target) => (typeof target === 'string' ? target : target.target))
    .filter((path) => /\.c?js$/.test(path))
  const files = new Set([...backends, ...targets, ...(await commandFiles(root))])
  return [...files].map((file) => join(root, file)).filter((path) => !existsSync(path))
}

async function commandFiles(root: string): Promise<string[]> {
  try {
    const manifest = JSON.parse(await readFile(join(root, 'oclif.manifest.json'), 'utf8')) as {
      commands: Record<string, {relativePath?: string[]}>
    }
    return Object.values(manifest.commands).flatMap(({relativePath}) =>
      relativePath ? [join(...relativePath)] : [],
    )
  } catch {
    // Not every package has commands, and oclif also finds them without a manifest.
    return []
  }
}
