// Writes what the code says of itself: the tables of docs/reference/configuration.md and the JSON Schema
// for editors beside it, the defaults of settings, the tables of docs/plugins/conformance.md.
// `--check` compares instead and fails when one is stale.
import {readdirSync} from 'node:fs'
import {readFile, writeFile} from 'node:fs/promises'
import {fileURLToPath} from 'node:url'
import * as prettier from 'prettier'
import {discoverBackends} from '../plugins/kit/src/backends/discover.ts'
import {checkTables} from '../plugins/conformance/src/checks.ts'
import {jsonSchema, referenceTables, settingsModule} from '../plugins/kit/src/settings/reference.ts'

const check = process.argv.includes('--check')
const root = fileURLToPath(new URL('..', import.meta.url))
const folders = readdirSync(`${root}plugins`).filter((name) => name.startsWith('backend-'))
const plugins = await Promise.all(
  folders.map(async (name) => {
    const directory = `${root}plugins/${name}`
    return {name, root: directory, pjson: JSON.parse(await readFile(`${directory}/package.json`, 'utf8'))}
  }),
)
const {backends} = await discoverBackends(plugins)

await putTables('docs/reference/configuration.md', 'settings', referenceTables(backends))
await putTables('docs/plugins/conformance.md', 'checks', checkTables())
await put(
  `${root}docs/reference/config.schema.json`,
  `${JSON.stringify(jsonSchema(backends), undefined, 2)}\n`,
)
const module = `${root}plugins/kit/src/settings/settings.ts`
const style = await prettier.resolveConfig(module)
await put(module, await prettier.format(settingsModule(), {...style, filepath: module}))

/** Writes what stands between `<!-- name: …` and `<!-- end of name -->` of a page. */
async function putTables(page, name, tables) {
  const path = `${root}${page}`
  const marks = new RegExp(`^<!-- ${name}: .*\\n|^<!-- end of ${name} -->\\n`, 'm')
  const [before, , after] = (await readFile(path, 'utf8')).split(marks)
  const written = `<!-- ${name}: written by npm run docs -->\n\n${tables}\n<!-- end of ${name} -->\n`
  await put(path, `${before}${written}${after}`)
}

async function put(file, fresh) {
  if (!check) await writeFile(file, fresh)
  else if ((await readFile(file, 'utf8').catch(() => '')) !== fresh) {
    console.error(`${file} is stale: run npm run docs and commit it.`)
    process.exitCode = 1
  }
}
