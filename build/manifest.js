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

// What clinvk reads of the plugins in its bundle when it starts.
const [, ...bundled] = bundledPlugins()
const described = bundled.map((plugin) => ({
  pjson: bundledPjson(plugin),
  manifest: json(`${plugin.folder}/oclif.manifest.json`),
}))
if (!check) await writeFile(`${ROOT}dist/bundle/plugins.json`, JSON.stringify(described))
