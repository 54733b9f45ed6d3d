// Writes the contract as one file of types, dist/contract.d.ts: what `clinvk backends create` puts into a
// new package. `--freeze` writes it as what later versions are compared with (test/plugins/contract.test.ts).
import {readFile, writeFile} from 'node:fs/promises'
import {fileURLToPath} from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const [contract, events] = await Promise.all(
  ['contract', 'events'].map((name) => readFile(`${root}plugins/kit/src/${name}.ts`, 'utf8')),
)
// Both hold types alone, so without what ties them together they are one file of declarations.
const types = `${contract.replaceAll(/^(import|export) type .* from '\.\/events\.js'\n/gm, '')}\n${events}`
if (/^import |^export \*|^export .* from /m.test(types)) throw new Error('The contract imports something.')
const frozen = process.argv.includes('--freeze')
await writeFile(
  `${root}${frozen ? 'test/fixtures/contract-1.d.ts' : 'dist/contract.d.ts'}`,
  types.replaceAll(/\n{3,}/g, '\n\n'),
)
