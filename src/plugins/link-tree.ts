import {constants} from 'node:fs'
import {copyFile, link, mkdir, readdir, readlink, symlink} from 'node:fs/promises'
import {join} from 'node:path'

/** Makes a second tree of the same files, by hard links: npm replaces the files of a package, it never writes into them. */
export async function linkTree(from: string, to: string): Promise<void> {
  await mkdir(to)
  const entries = await readdir(from, {withFileTypes: true})
  await Promise.all(
    entries.map(async (entry) => {
      const [source, target] = [join(from, entry.name), join(to, entry.name)]
      if (entry.isDirectory()) await linkTree(source, target)
      else if (entry.isSymbolicLink()) await symlink(await readlink(source), target)
      else if (entry.isFile()) await linkFile(source, target)
    }),
  )
}

async function linkFile(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch {
    // A file system without hard links, or with too many of this file.
    await copyFile(from, to, constants.COPYFILE_FICLONE)
  }
}
