import {readdir, readFile} from 'node:fs/promises'
import {join, relative} from 'node:path'

/** `module`: TypeScript. `text`: a descriptor alone, for an agent that prints plain text. */
export type BackendKind = 'module' | 'text'

/** The content of each file of a new backend package, by its path in there. */
export async function backendFiles(
  name: string,
  kind: BackendKind,
  root: string,
): Promise<ReadonlyMap<string, string>> {
  const template = join(root, 'templates', kind)
  const entries = await readdir(template, {recursive: true, withFileTypes: true})
  const files = new Map<string, string>()
  for (const entry of entries.filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name)
    files.set(renamed(relative(template, path), name), filledIn(await readFile(path, 'utf8'), name))
  }

  if (kind === 'module') files.set('contract.d.ts', await readFile(join(root, 'dist/contract.d.ts'), 'utf8'))
  return files
}

function renamed(path: string, name: string): string {
  // npm would not pack the template's own .gitignore.
  return path === 'gitignore' ? '.gitignore' : filledIn(path, name)
}

/** The templates are a backend of their own, named acme. */
function filledIn(text: string, name: string): string {
  return text
    .replaceAll('acme', name)
    .replaceAll('Acme', title(name))
    .replaceAll('ACME', name.toUpperCase().replaceAll('-', '_'))
}

/** `my-agent` is `My Agent`. */
function title(name: string): string {
  return name
    .split('-')
    .filter((word) => word !== '')
    .map((word) => word[0]!.toUpperCase() + word.slice(1))
    .join(' ')
}
