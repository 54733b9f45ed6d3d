import {execFile} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {cp, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {ROOT} from '../sandbox.js'
import {NPM, offlineNpm} from './offline-npm.js'
import type {PublishedPackage} from './published-package.js'

const run = promisify(execFile)

/** Our own packages. Each is packed as it would be published when somebody asks for it. */
export function ownPackages(): PublishedPackage[] {
  const {workspaces} = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {workspaces: string[]}
  return ['', ...workspaces].map((folder) => {
    const text = readFileSync(join(ROOT, folder, 'package.json'), 'utf8')
    const manifest = JSON.parse(text) as {name: string; version: string}
    let packed: Promise<Buffer> | undefined
    return {...manifest, manifest, tarball: () => (packed ??= pack(manifest.name))}
  })
}

async function pack(name: string): Promise<Buffer> {
  const home = await mkdtemp(join(tmpdir(), 'clinvk-pack-'))
  try {
    const isWorkspace = name !== 'clinvk'
    const cwd = isWorkspace ? ROOT : await copyOf(home)
    const words = ['pack', '--pack-destination', home]
    if (isWorkspace) words.push('--ignore-scripts', '--workspace', name)
    await run(process.execPath, [NPM, ...words], {cwd, env: offlineNpm(home)})
    const tarball = (await readdir(home)).find((file) => file.endsWith('.tgz'))
    return await readFile(join(home, tarball!))
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
