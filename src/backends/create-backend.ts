import {mkdir, readdir, readFile, rm, writeFile} from 'node:fs/promises'
import {dirname, join, relative} from 'node:path'
import {Failure, messageOf} from 'clinvk-kit/errors/failure'

export interface NewBackend {
  /** As in `clinvk -b NAME`, or the name of the package. */
  readonly name: string
  /** `module`: TypeScript. `text`: only a descriptor, for an agent that prints plain text. */
  readonly kind: 'module' | 'text'
  /** The directory in which the directory of the package is made. */
  readonly cwd: string
  /** Where clinvk is installed. */
  readonly root: string
}

export interface CreatedBackend {
  readonly name: string
  /** Absolute. */
  readonly directory: string
  /** Relative to it, sorted. */
  readonly files: readonly string[]
}

/**
 * Writes the package of a new backend, `clinvk-backend-NAME`. Throws a Failure of kind `usage` when the name cannot
 * be used, or when the package exists or cannot be written; then nothing is left.
 */
export async function createBackend({cwd, kind, name: given, root}: NewBackend): Promise<CreatedBackend> {
  const name = backendName(given)
  const files = await filesFor(name, kind, root)
  const directory = join(cwd, `clinvk-backend-${name}`)
  await mkdir(directory).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw cannotWrite(directory, error)
    throw new Failure('usage', `${directory} exists already; nothing was changed.`, [
      'Choose another name, move it away, or continue with what is there.',
    ])
  })
  try {
    for (const [path, content] of files) {
      const file = join(directory, path)
      await mkdir(dirname(file), {recursive: true})
      await writeFile(file, content)
    }
  } catch (error) {
    await rm(directory, {recursive: true, force: true})
    throw cannotWrite(directory, error)
  }

  return {name, directory, files: [...files.keys()].sort()}
}

function backendName(given: string): string {
  const name = given.replace(/^clinvk-backend-/, '')
  if (!/^[a-z][a-z0-9-]*$/.test(name) || name.length > MAX_NAME_LENGTH) {
    throw new Failure('usage', `"${given}" cannot be the name of a backend.`, [
      `Use lower-case letters, digits and dashes, a letter first, at most ${MAX_NAME_LENGTH} characters.`,
    ])
  }

  if (name !== 'create' && name !== 'test') return name
  throw new Failure('usage', `A backend cannot be named ${name}: \`clinvk backends ${name}\` is a command.`)
}

/** The content of each file of the package, by its path. The templates are a backend named acme. */
async function filesFor(name: string, kind: NewBackend['kind'], root: string): Promise<Map<string, string>> {
  const template = join(root, 'src/backends/templates', kind)
  const title = name.split('-').map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)) // prettier-ignore
  const fill = (text: string) =>
    text
      .replaceAll('acme', name)
      .replaceAll('Acme', title.filter((word) => word !== '').join(' '))
      .replaceAll('ACME', name.toUpperCase().replaceAll('-', '_'))
  const files = new Map<string, string>()
  for (const entry of await readdir(template, {recursive: true, withFileTypes: true})) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    // npm does not pack a file named .gitignore.
    const target = relative(template, path).replace(/^gitignore$/, '.gitignore')
    files.set(fill(target), fill(await readFile(path, 'utf8')))
  }

  if (kind === 'module') files.set('contract.d.ts', await readFile(join(root, 'dist/contract.d.ts'), 'utf8'))
  return files
}

function cannotWrite(directory: string, error: unknown): Failure {
  return new Failure('usage', `${directory} cannot be written: ${messageOf(error)}`)
}

/** npm takes 214 characters, prefix included; this fits into every table. */
const MAX_NAME_LENGTH = 64
