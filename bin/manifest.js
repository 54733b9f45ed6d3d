// Writes oclif.manifest.json for every package that has commands: what each command is, so that
// starting clinvk imports only the one that runs. `--check` compares instead and fails when one is stale.
import {readFile, writeFile} from 'node:fs/promises'
import {fileURLToPath} from 'node:url'
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
  // oclif reads the files in an order that changes from time to time.
  const commands = Object.entries(plugin.manifest.commands).sort(([a], [b]) => (a < b ? -1 : 1))
  const manifest = {...plugin.manifest, commands: Object.fromEntries(commands)}
  const fresh = `${JSON.stringify(manifest, undefined, 2)}\n`
  if (!check) await writeFile(file, fresh)
  else if ((await readFile(file, 'utf8')) !== fresh) {
    console.error(`${file} is stale: run npm run build and commit it.`)
    process.exitCode = 1
  }
}
