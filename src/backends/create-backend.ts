import {mkdir, readdir, readFile, rm, writeFile} from 'node:fs/promises'
import {dirname, join, relative} from 'node:path'
import {Failure, messageOf} from 'clinvk-kit/errors/failure'

export interface CreatedBackend {
  readonly name: string
  /** Absolute. */
  readonly directory: string
  /** Relative to it, sorted. */
  readonly files: readonly string[]
}

/**
 * Writes the package `clinvk-backend-NAME` below `cwd`: `module` in TypeScript, `text` as a descriptor alone. `root`
 * is where clinvk is installed. Throws a Failure of kind `usage` when the name cannot be used, or when the package
 * exists or cannot be written; then nothing is left.
 */
export async function createBackend(
  given: string,
  {cwd, kind, root}: {cwd: string; kind: 'module' | 'text'; root: string},
): Promise<CreatedBackend> {
  const name = given.replace(/^clinvk-backend-/, '')
  if (!/^[a-z][a-z0-9-]*$/.test(name) || name.length > MAX_NAME_LENGTH)
    throw new Failure('usage', `"${given}" cannot be the name of a backend.`, [
      `Use lower-case letters, digits and dashes, a letter first, at most ${MAX_NAME_LENGTH} characters.`,
    ])
  if (name === 'create' || name === 'test')
    throw new Failure('usage', `A backend cannot be named ${name}: \`clinvk backends ${name}\` is a command.`)
  const directory = join(cwd, `clinvk-backend-${name}`)
  const cannotWrite = (error: unknown) =>
    new Failure('usage', `${directory} cannot be written: ${messageOf(error)}`)
  await mkdir(directory).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw cannotWrite(error)
    throw new Failure('usage', `${directory} exists already; nothing was changed.`, [
      'Choose another name, move it away, or continue with what is there.',
    ])
  })
  try {
    const template = join(root, 'src/backends/templates', kind)
    const entries = await readdir(template, {recursive: true, withFileTypes: true})
    const sources = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
    const files = new Map(sources.map((source) => [relative(template, source), source]))
    // npm does not pack a file named .gitignore.
    if (files.has('gitignore')) files.set('.gitignore', files.get('gitignore')!).delete('gitignore')
    if (kind === 'module') files.set('contract.d.ts', join(root, 'dist/contract.d.ts'))
    for (const [path, source] of files) {
      const target = join(directory, withName(path, name))
      await mkdir(dirname(target), {recursive: true})
      await writeFile(target, withName(await readFile(source, 'utf8'), name))
    }
    return {name, directory, files: [...files.keys()].map((path) => withName(path, name)).sort()}
  } catch (error) {
    await rm(directory, {recursive: true, force: true})
    throw cannotWrite(error)
  }
}

/** A text of a template, which is a backend named acme, for a backend of this name. */
function withName(text: string, name: string): string {
  const words = name.split('-').filter((word) => word !== '')
  const title = words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join(' ')
  return text
    .replaceAll('acme', name)
    .replaceAll('Acme', title)
    .replaceAll('ACME', name.toUpperCase().replaceAll('-', '_'))
}

/** npm takes 214 characters, prefix included; this fits into every table. */
const MAX_NAME_LENGTH = 64
