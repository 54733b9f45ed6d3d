import {execFileSync} from 'node:child_process'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {PublishedPackage} from './published-package.js'

/** clinvk as somebody would pack it who does not want some of its backends. */
export async function withoutBackends(
  clinvk: PublishedPackage,
  backends: readonly string[],
  {tag, version}: {tag: string; version: string},
): Promise<PublishedPackage> {
  const manifest = {...clinvk.manifest, version}
  const folder = mkdtempSync(join(tmpdir(), 'clinvk-lean-'))
  try {
    execFileSync('tar', ['-xzf', '-', '-C', folder], {input: await clinvk.tarball()})
    for (const name of backends) rmSync(join(folder, 'package/plugins', `backend-${name}`), {recursive: true})
    writeFileSync(join(folder, 'package/package.json'), JSON.stringify(manifest))
    const packed = execFileSync('tar', ['-czf', '-', '-C', folder, 'package'], {maxBuffer: 2 ** 26})
    return {name: clinvk.name, version, tag, manifest, tarball: () => Promise.resolve(packed)}
  } finally {
    rmSync(folder, {recursive: true})
  }
}
