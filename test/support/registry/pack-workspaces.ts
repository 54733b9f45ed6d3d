import {execFile} from 'node:child_process'
import {mkdtemp, readdir, readFile, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {ROOT} from '../sandbox.js'
import {NPM, offlineNpm} from './offline-npm.js'
import type {PublishedPackage} from './published-package.js'

const run = promisify(execFile)

/** Our own packages, packed as they would be published. */
export async function packWorkspaces(): Promise<PublishedPackage[]> {
  const home = await mkdtemp(join(tmpdir(), 'clinvk-pack-'))
  try {
    // Without scripts: `prepare` would build under the feet of the other tests.
    const args = [
      'pack',
      '--ignore-scripts',
      '--workspaces',
      '--include-workspace-root',
      '--pack-destination',
      home,
    ]
    await run(process.execPath, [NPM, ...args], {cwd: ROOT, env: offlineNpm(home)})
    const tarballs = (await readdir(home)).filter((file) => file.endsWith('.tgz'))
    return await Promise.all(tarballs.map((file) => read(join(home, file))))
  } finally {
    await rm(home, {recursive: true, force: true})
  }
}

async function read(file: string): Promise<PublishedPackage> {
  const tarball = await readFile(file)
  const {stdout} = await run('tar', ['-xzOf', file, 'package/package.json'])
  const manifest = JSON.parse(stdout) as {name: string; version: string}
  return {...manifest, manifest, tarball: () => Promise.resolve(tarball)}
}
