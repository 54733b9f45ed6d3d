// Writes dist/plugins.json, what clinvk reads at each start of itself and of the plugins that are part of it, so that it
// imports only the command that runs. And oclif.manifest.json, its own commands, for oclif's tools.
// With --check it writes nothing, and fails when oclif.manifest.json is stale.
import {readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path/posix'
import {fileURLToPath} from 'node:url'
import {createInterface} from 'node:readline'
import {PassThrough} from 'node:stream'
import {Plugin} from '@oclif/core'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const own = packageIn('.')
const folders = new Map(
  readdirSync(`${ROOT}plugins`).map((name) => [packageIn(`plugins/${name}`).name, `plugins/${name}`]),
)

const described = await Promise.all([
  describe('.', own),
  ...own.oclif.plugins.map((name) => {
    const folder = folders.get(name)
    const pjson = packageIn(folder)
    // The code of the sessions plugin is in dist/sessions, a backend is a package of its own.
    if (pjson.clinvk) return {root: folder, pjson, commands: []}
    return describe('.', movedTo(name.replace('clinvk-plugin-', ''), pjson))
  }),
])
const manifest = manifestOf(described[0])
/** Those that begin with `initialize`. */
const MCP_VERSIONS = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25']
if (!process.argv.includes('--check')) {
  // Without it each command of clinvk would import this plugin, to see what it has.
  const serve = await describe('plugins/serve', packageIn('plugins/serve'), `${ROOT}plugins/serve/`)
  writeFileSync(`${ROOT}plugins/serve/oclif.manifest.json`, manifestOf(serve))
  writeFileSync(`${ROOT}plugins/serve/dist/opening.json`, JSON.stringify(await mcpOpening()))
  writeFileSync(`${ROOT}dist/plugins.json`, JSON.stringify(described.map(forStart)))
  writeFileSync(`${ROOT}oclif.manifest.json`, manifest)
} else if (readFileSync(`${ROOT}oclif.manifest.json`, 'utf8') !== manifest) {
  console.error('oclif.manifest.json is stale: run npm run build and commit it.')
  process.exitCode = 1
}

function manifestOf({commands, pjson: {version}}) {
  const byId = Object.fromEntries(commands.map((command) => [command.id, command]))
  return `${JSON.stringify({version, commands: byId}, undefined, 2)}\n`
}

async function describe(root, {bugs, description, engines, name, oclif, type, version}, folder = ROOT) {
  const pjson = {name, version, type, description, engines, bugs, oclif}
  const plugin = new Plugin({
    errorOnManifestCreate: true,
    ignoreManifest: true,
    isRoot: true,
    pjson,
    respectNoCacheDefault: true,
    root: folder,
    type: 'core',
  })
  await plugin.load()
  const commands = plugin.commands.map((command) => ({...command, pluginName: name, pluginAlias: name}))
  return {root, pjson, commands: commands.sort((a, b) => (a.id < b.id ? -1 : 1))}
}

/**
 * The same as clinvk reads it fastest: commands and hooks by the files that have the code, and what few starts need of a
 * command in a file of its own.
 */
function forStart({commands, pjson, root}) {
  return {
    root,
    pjson,
    commands: commands.map(({pluginAlias, pluginName, pluginType, ...command}) => {
      const path = command.relativePath.join('/')
      const {file, identifier} = codeOf(path)
      const found = {...command, relativePath: file.split('/'), identifier}
      // At each start, oclif copies a command that has aliases, and takes the description where there is no summary.
      const isReadAtStart = command.aliases.length > 0 || command.hiddenAliases.length > 0 || !command.summary
      if (isReadAtStart) return found
      const {args, completion, description, examples, flags, ...brief} = found
      const details = path.replace(/\.js$/, '.json')
      writeFileSync(`${ROOT}${details}`, JSON.stringify({args, completion, description, examples, flags}))
      return {...brief, details}
    }),
    hooks: Object.fromEntries(
      Object.entries(pjson.oclif.hooks ?? {}).map(([event, path]) => {
        const {file, identifier} = codeOf(path)
        return [event, [{target: file, identifier}]]
      }),
    ),
  }
}

/** Where the default export of a file is: many only hand it on from a chunk, and each file costs half a millisecond. */
function codeOf(path) {
  const text = readFileSync(`${ROOT}${path}`, 'utf8')
  const handedOn =
    /^import\{(\w+)(?: as \w+)?\}from"([^"]+)";(?:import"[^"]+";)*export\{\w+ as default\};$/m.exec(text)
  if (!handedOn) return {file: path, identifier: 'default'}
  const [, identifier, chunk] = handedOn
  return {file: join(dirname(path), chunk), identifier}
}

/** What `clinvk mcp` says of itself; it reads this the next time, so that its start need not load the SDK. */
async function mcpOpening() {
  const {default: Mcp} = await import('../plugins/serve/dist/commands/mcp/index.js')
  const [stdin, stdout, never] = [new PassThrough(), new PassThrough(), new AbortController().signal]
  const io = {stdin, stdout, stderr: process.stderr, env: {}, interrupts: () => ({stop: never, hurry: never})}
  const running = Mcp.run([], {io, version: ''})
  const lines = createInterface({input: stdout})[Symbol.asyncIterator]()
  const ask = async (method, params) => {
    stdin.write(`${JSON.stringify({jsonrpc: '2.0', id: 1, method, params})}\n`)
    return JSON.parse((await lines.next()).value).result
  }
  const clientInfo = {name: 'build', version: '1'}
  const versions = []
  let initialize
  for (const protocolVersion of MCP_VERSIONS) {
    initialize = await ask('initialize', {protocolVersion, capabilities: {}, clientInfo})
    if (initialize.protocolVersion === protocolVersion) versions.push(protocolVersion)
  }
  const tools = await ask('tools/list')
  stdin.end()
  await running
  return {versions, initialize, tools}
}

/** Paths below `dist` as paths below a folder of it. */
function movedTo(folder, pjson) {
  return JSON.parse(JSON.stringify(pjson).replaceAll('"./dist/', `"./dist/${folder}/`))
}

function packageIn(folder) {
  return JSON.parse(readFileSync(`${ROOT}${folder}/package.json`, 'utf8'))
}
