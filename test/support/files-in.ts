import {readdirSync} from 'node:fs'
import {join} from 'node:path'

/** All files below a directory, relative to it, sorted. */
export function filesIn(directory: string): string[] {
  return readdirSync(directory, {recursive: true, withFileTypes: true})
    .filter((entry) => entry.isFile())
    .map(({name, parentPath}) => join(parentPath, name).slice(directory.length + 1))
    .sort()
}
