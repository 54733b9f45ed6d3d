// Writes oclif.manifest.json for every package that has commands: what each command is, so that
// starting clinvk imports only the one that runs. `--check` compares instead and fails when one is stale.
import {readFile, writeFile} from 'node:fs/promises'
import {fileURLToPath} from 'node:url'
import {bundledPjson, bundledPlugins, json, ROOT} from './bundled-plugins.js'
import {Plugin} from '@oclif/core'

const check = process.argv.includes('--check')
for (const folder of ['..', '../plugins/sessions']) {
  const root = fileURLToPath(new URL(folder, import.meta.url))
  const plugin = new Plugin({
    errorOnManifestCreate: true,
    ignoreManifest: true,
    respectNoCacheDefault: true,
    root,
    type: 'core',
  })
  await plugin.load()
  const file = `${root.replace(/\/$/, '')}/oclif.manifest.json`
  // oclif finds them in an order that differs from run to run.
  const commands = Object.entries(plugin.manifest.commands).sort(([a], [b]) => (a < b ? -1 : 1))
  const manifest = {...plugin.manifest, commands: Object.fromEntries(commands)}
  const fresh = `${JSON.stringify(manifest, undefined, 2)}\n`
  if (!check) await writeFile(file, fresh)
  else if ((await readFile(file, 'utf8')) !== fresh) {
    console.error(`${file} is stale: run npm run build and commit it.`)
    process.exitCode = 1
  }
}

// What clinvk reads of itself and the plugins in its bundle when it starts: of most commands who they are, and
// apart from that what only their help and completion want.
const DETAILS = ['args', 'description', 'examples', 'flags', 'usage']
const details = {}
const described = bundledPlugins().map((plugin) => {
  const {commands, version} = json(`${plugin.folder}/oclif.manifest.json`)
  return {pjson: bundledPjson(plugin), manifest: {version, commands: mapValues(commands, indexOf)}}
})
if (!check) {
  await writeFile(`${ROOT}dist/bundle/plugins.json`, JSON.stringify(described))
  await writeFile(`${ROOT}dist/bundle/commands.json`, JSON.stringify(details))
}

function indexOf(command) {
  // Of one with aliases oclif makes copies at once; what stands for a summary is wanted at once, too.
  if (command.aliases.length > 0 || command.hiddenAliases.length > 0 || !command.summary) return command
  if (command.id in details) throw new Error(`There are two commands ${command.id}.`)
  const [index, rest] = [true, false].map((wanted) =>
    Object.fromEntries(Object.entries(command).filter(([key]) => DETAILS.includes(key) !== wanted)),
  )
  details[command.id] = rest
  return index
}

function mapValues(object, map) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]))
}
