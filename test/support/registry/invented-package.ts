import {spawnSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import type {PublishedPackage} from './published-package.js'

/** What a test invents of a package. */
export interface Invented {
  readonly name: string
  readonly version?: string
  /** Besides name and version, in package.json. */
  readonly manifest?: Readonly<Record<string, unknown>>
  /** By path. */
  readonly files?: Readonly<Record<string, string>>
  readonly publisher?: string
  readonly tag?: string
}

/** A package of these files, as it would be published. */
export function inventedPackage({
  files = {},
  manifest: more = {},
  name,
  publisher,
  tag,
  version = '1.0.0',
}: Invented): PublishedPackage {
  const manifest = {name, version, ...more}
  const folder = mkdtempSync(join(tmpdir(), 'clinvk-invented-'))
  try {
    for (const [path, text] of Object.entries({...files, 'package.json': JSON.stringify(manifest)})) {
      const file = join(folder, 'package', path)
      mkdirSync(dirname(file), {recursive: true})
      writeFileSync(file, text)
    }

    const {error, status, stdout} = spawnSync('tar', ['-czf', '-', '-C', folder, 'package'])
    if (status !== 0) throw error ?? new Error(`tar could not pack ${name}: exit ${String(status)}`)
    return {
      name,
      version,
      manifest,
      ...(publisher === undefined ? {} : {publisher}),
      ...(tag === undefined ? {} : {tag}),
      tarball: () => Promise.resolve(stdout),
    }
  } finally {
    rmSync(folder, {recursive: true})
  }
}

/** A backend whose agent is `cat`: it answers `NAME VERSION: PROMPT`. Nothing of it is in the box of clinvk. */
export function inventedBackend(
  backend: string,
  {files = {}, manifest = {}, name = `clinvk-backend-${backend}`, ...rest}: Partial<Invented> = {},
): PublishedPackage {
  const descriptor = {
    module: './index.js',
    title: backend,
    executable: 'cat',
    install: 'It is part of every system.',
    capabilities: {},
  }
  return inventedPackage({
    name,
    ...rest,
    manifest: {
      type: 'module',
      oclif: {},
      clinvk: {contract: 1, backends: {[backend]: descriptor}},
      ...manifest,
    },
    files: {'index.js': moduleSaying(`${backend} ${rest.version ?? '1.0.0'}`), ...files},
  })
}

function moduleSaying(what: string): string {
  return `export default {
  plan: ({prompt}) => ({kind: 'invocation', args: [], stdin: prompt}),
  reader() {
    let content = ''
    return {
      line(line) {
        content += '${what}: ' + line
        return [{type: 'text', text: content}]
      },
      end: () => ({outcome: 'success', content}),
    }
  },
}
`
}
