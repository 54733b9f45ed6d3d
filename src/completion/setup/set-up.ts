import {readFile, rmdir} from 'node:fs/promises'
import {dirname} from 'node:path'
import {Failure, isFailure} from 'clinvk-kit/failure'
import {withLines, withoutLines} from './marked-lines.js'
import type {Place} from './places.js'
import {asBytes, readUserFile, removeUserFile, type UserFile, writeUserFile} from './user-file.js'

/** One file that was changed, or was right already. */
export interface Change {
  readonly path: string
  readonly done: 'written' | 'lines added' | 'lines removed' | 'removed' | 'unchanged'
}

/** Writes the script and what loads it. Nothing is written unless all can be. Throws a Failure. */
export async function install({byHand, script: path, start}: Place, script: string): Promise<Change[]> {
  return orByHand(byHand, async () => {
    const before = await readScript(path)
    const file = start && (await readUserFile(start.file))
    const text = file && withLines(file.text, start.lines.map(asBytes), file.path)
    const changes: Change[] = [await put(before, asBytes(script), 'written')]
    if (file && text !== undefined) changes.push(await put(file, text, 'lines added'))
    return changes
  })
}

/** Undoes just that. */
export async function uninstall({script: path, start}: Place): Promise<Change[]> {
  const script = await readScript(path)
  const file = start && (await readUserFile(start.file))
  const changes: Change[] = []
  if (file?.text !== undefined) {
    const text = withoutLines(file.text, file.path)
    if (text !== undefined) changes.push(await put(file, text, 'lines removed'))
    else changes.push(await remove(file.path))
  }

  if (script.text !== undefined) {
    changes.push(await remove(path))
    // Directories that were made for it, as far as they are empty.
    if (start)
      for (const directory of [dirname(path), dirname(dirname(path))]) await quietly(rmdir(directory))
  }

  return changes.filter(({done}) => done !== 'unchanged')
}

/** Whether it is set up, by us or by hand; `old` when the script is not the one of this version. */
export async function stateOf(
  {script: path, start}: Place,
  script: string,
): Promise<'set up' | 'old' | 'not'> {
  const found = await textOf(path)
  const mine = start && (await textOf(start.file))
  if (start && !mine?.includes('clinvk completion')) return 'not'
  if (found === undefined) return start && !mine!.includes(MARK) ? 'set up' : 'not'
  return found === asBytes(script) ? 'set up' : 'old'
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'latin1')
  } catch {
    return undefined
  }
}

async function readScript(path: string): Promise<UserFile> {
  const file = await readUserFile(path)
  if (file.text === undefined || file.text.includes(OURS)) return file
  throw new Failure('usage', `${path} was not written by clinvk, so it is left as it is.`, [
    'Move it out of the way, then try again.',
  ])
}

async function put({path, text: before}: UserFile, text: string, done: Change['done']): Promise<Change> {
  if (text === before) return {path, done: 'unchanged'}
  await writeUserFile(path, text)
  return {path, done}
}

async function remove(path: string): Promise<Change> {
  await removeUserFile(path)
  return {path, done: 'removed'}
}

/** Where a file must stay as it is, the script can still be loaded from anywhere else. */
async function orByHand<T>(byHand: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    if (!isFailure(error) || error.hints.length > 0) throw error
    throw new Failure(error.kind, `${error.message} Nothing was changed.`, [
      `To load it yourself, where your shell reads it: ${byHand}`,
    ])
  }
}

async function quietly(action: Promise<void>): Promise<void> {
  await action.catch(() => undefined)
}

const OURS = 'This file is written by: clinvk completion'
const MARK = '# >>> clinvk completion'
