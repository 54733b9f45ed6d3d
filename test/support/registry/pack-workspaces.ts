import {execFile} from 'node:child_process'
import {cp, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises'
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
    const workspaces = ['pack', '--ignore-scripts', '--workspaces', '--pack-destination', home]
    await run(process.execPath, [NPM, ...workspaces], {cwd: ROOT, env: offlineNpm(home)})
    const clinvk = await copyOf(home)
    const own = ['pack', '--pack-destination', home]
    await run(process.execPath, [NPM, ...own], {cwd: clinvk, env: offlineNpm(home)})
    const tarballs = (await readdir(home)).filter((file) => file.endsWith('.tgz'))
    return await Promise.all(tarballs.map((file) => read(join(home, file))))
  } finally {
    await rm(home, {recursive: true, force: true})
  }
}

/** What is packed of clinvk, without `prepare`, which would build under the feet of other tests. `prepack` changes package.json. */
async function copyOf(home: string): Promise<string> {
  const folder = join(home, 'clinvk')
  const parts = 'bin dist plugins src node_modules/npm LICENSE README.md oclif.manifest.json'.split(' ')
  for (const part of parts) {
    await cp(join(ROOT, part), join(folder, part), {
      recursive: true,
      filter: (path) => !path.startsWith(join(ROOT, 'plugins')) || !path.includes('node_modules'),
    })
  }

  const {scripts, ...pjson} = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  delete scripts.prepare
  await writeFile(join(folder, 'package.json'), JSON.stringify({...pjson, scripts}))
  return folder
}

async function read(file: string): Promise<PublishedPackage> {
  const tarball = await readFile(file)
  const {stdout} = await run('tar', ['-xzOf', file, 'package/package.json'])
  const manifest = JSON.parse(stdout) as {name: string; version: string}
  return {...manifest, manifest, tarball: () => Promise.resolve(tarball)}
}
