import {mkdirSync, writeFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'

/** Keeps the figures of a run, for comparisons, in a file with its name and time. */
export function saveResults(name, figures) {
  const time = new Date().toISOString()
  const {arch, platform, version: node} = process
  const file = new URL(`results/${name}-${time.replaceAll(':', '')}.json`, import.meta.url)
  mkdirSync(fileURLToPath(new URL('results', import.meta.url)), {recursive: true})
  writeFileSync(file, `${JSON.stringify({time, node, platform, arch, ...figures}, undefined, 2)}\n`)
}
