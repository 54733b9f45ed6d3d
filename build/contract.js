// Writes the contract as one file of types, dist/contract.d.ts: what `clinvk backends create` puts into a
// new package. `--freeze` writes it as what later versions are compared with (test/plugins/contract.test.ts).
import {copyFile} from 'node:fs/promises'
import {fileURLToPath} from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const frozen = process.argv.includes('--freeze')
await copyFile(
  `${root}plugins/contract/src/contract.ts`,
  `${root}${frozen ? 'test/fixtures/contract-1.d.ts' : 'dist/contract.d.ts'}`,
)
