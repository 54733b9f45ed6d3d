import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import type {Sandbox} from './sandbox.js'

/**
 * Puts a package into the home and links it, as `clinvk plugins link` leaves it
 * behind. `pjson` is merged into a good package.json; a text is one that need not be good.
 * Returns its directory.
 */
export function linkPlugin(
  user: Sandbox,
  name: string,
  pjson: object | string = {},
  files: Readonly<Record<string, string>> = {},
): string {
  const good = {name, version: '1.2.3', type: 'module', oclif: {}}
  const text = typeof pjson === 'string' ? pjson : JSON.stringify({...good, ...pjson})
  user.write(`plugins/${name}/package.json`, text)
  for (const [file, content] of Object.entries(files)) user.write(`plugins/${name}/${file}`, content)
  const root = join(user.home, 'plugins', name)
  linkDirectory(user, name, root)
  return root
}

/** Links a package that is there already. */
export function linkDirectory(user: Sandbox, name: string, root: string): void {
  const {oclif} = readList(user)
  writeList(user, {oclif: {schema: 1, plugins: [...oclif.plugins, {name, root, type: 'link'}]}})
}

export interface BackendPlugin {
  readonly agent?: string
  readonly contract?: number
  readonly descriptor?: object
  /** The name of the package. */
  readonly pack?: string
}

/** Links a package with one backend, whose module has this code and whose agent is a script of this code. */
export function linkBackendPlugin(
  user: Sandbox,
  name: string,
  code: string,
  {agent = '', contract = 1, descriptor = {}, pack = `clinvk-backend-${name}`}: BackendPlugin = {},
): string {
  const good = {
    module: './index.js',
    title: `The ${name}`,
    executable: './agent.js',
    install: 'It is here.',
    capabilities: {},
  }
  const clinvk = {contract, backends: {[name]: {...good, ...descriptor}}}
  return linkPlugin(user, pack, {clinvk}, {'index.js': code, 'agent.js': agent})
}

/** Writes the list of the user's plugins; anything may stand in it. */
export function writeList(user: Sandbox, list: object | string): void {
  const text = typeof list === 'string' ? list : JSON.stringify(list)
  user.write('.local/share/clinvk/package.json', text)
}

function readList(user: Sandbox): {oclif: {plugins: object[]}} {
  try {
    const text = readFileSync(join(user.home, '.local/share/clinvk/package.json'), 'utf8')
    return JSON.parse(text) as {oclif: {plugins: object[]}}
  } catch {
    return {oclif: {plugins: []}}
  }
}
