// Writes dist/plugins.json: what clinvk reads at each start of itself and of the plugins that are part of it, so that
// it imports only the command that runs.
import {readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
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
    return pjson.clinvk ? {root: folder, pjson, commands: []} : describe('.', movedTo('sessions', pjson))
  }),
])
writeFileSync(`${ROOT}dist/plugins.json`, JSON.stringify(described))

async function describe(root, {bugs, description, engines, name, oclif, type, version}) {
  const pjson = {name, version, type, description, engines, bugs, oclif}
  const plugin = new Plugin({
    errorOnManifestCreate: true,
    ignoreManifest: true,
    isRoot: true,
    pjson,
    respectNoCacheDefault: true,
    root: ROOT,
    type: 'core',
  })
  await plugin.load()
  const commands = plugin.commands.map((command) => ({...command, pluginName: name, pluginAlias: name}))
  return {root, pjson, commands: commands.sort((a, b) => (a.id < b.id ? -1 : 1))}
}

/** Paths below `dist` as paths below a folder of it. */
function movedTo(folder, pjson) {
  return JSON.parse(JSON.stringify(pjson).replaceAll('"./dist/', `"./dist/${folder}/`))
}

function packageIn(folder) {
  return JSON.parse(readFileSync(`${ROOT}${folder}/package.json`, 'utf8'))
}
