// Writes what the settings say of themselves: the tables of docs/reference/configuration.md and the
// JSON Schema for editors beside it, and what completion knows of them. `--check` compares instead and fails when one is stale.
import {readdirSync} from 'node:fs'
import {readFile, writeFile} from 'node:fs/promises'
import {fileURLToPath} from 'node:url'
import * as prettier from 'prettier'
import {discoverBackends} from '../plugins/kit/dist/backends/discover.js'
import {jsonSchema, knownSettingsModule, referenceTables} from '../plugins/kit/dist/settings/reference.js'

const check = process.argv.includes('--check')
const root = fileURLToPath(new URL('..', import.meta.url))
const folders = readdirSync(`${root}plugins`).filter((name) => name.startsWith('backend-'))
const plugins = await Promise.all(
  folders.map(async (name) => {
    const directory = `${root}plugins/${name}`
    return {name, root: directory, pjson: JSON.parse(await readFile(`${directory}/package.json`, 'utf8'))}
  }),
)
const {backends} = discoverBackends(plugins)

const page = `${root}docs/reference/configuration.md`
const [before, , after] = (await readFile(page, 'utf8')).split(
  /^<!-- settings: .*\n|^<!-- end of settings -->\n/m,
)
await put(
  page,
  `${before}<!-- settings: written by npm run docs -->\n\n${referenceTables(backends)}\n<!-- end of settings -->\n${after}`,
)
await put(
  `${root}docs/reference/config.schema.json`,
  `${JSON.stringify(jsonSchema(backends), undefined, 2)}\n`,
)
const module = `${root}plugins/kit/src/settings/known-settings.ts`
const style = await prettier.resolveConfig(module)
await put(module, await prettier.format(knownSettingsModule(), {...style, filepath: module}))

async function put(file, fresh) {
  if (!check) await writeFile(file, fresh)
  else if ((await readFile(file, 'utf8').catch(() => '')) !== fresh) {
    console.error(`${file} is stale: run npm run docs and commit it.`)
    process.exitCode = 1
  }
}
