import {execFileSync} from 'node:child_process'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {PublishedPackage} from './published-package.js'

/** A package as somebody would pack it who does not want some of its dependencies. */
export async function withoutDependencies(
  one: PublishedPackage,
  dependencies: readonly string[],
  {tag, version}: {tag: string; version: string},
): Promise<PublishedPackage> {
  const kept = Object.entries(one.manifest.dependencies as Record<string, string>).filter(
    ([name]) => !dependencies.includes(name),
  )
  const manifest = {...one.manifest, version, dependencies: Object.fromEntries(kept)}
  const folder = mkdtempSync(join(tmpdir(), 'clinvk-lean-'))
  try {
    execFileSync('tar', ['-xzf', '-', '-C', folder], {input: await one.tarball()})
    writeFileSync(join(folder, 'package/package.json'), JSON.stringify(manifest))
    const packed = execFileSync('tar', ['-czf', '-', '-C', folder, 'package'])
    return {name: one.name, version, tag, manifest, tarball: () => Promise.resolve(packed)}
  } finally {
    rmSync(folder, {recursive: true})
  }
}
