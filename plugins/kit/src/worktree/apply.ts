import {rmSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {Failure, messageOf} from '../errors/failure.js'
import {realPathOf} from '../files/read-file.js'
import {quoteCommand} from '../format/text.js'
import type {Env} from '../io.js'
import {type Changes, diffOf, patchOf} from './changes.js'
import {git, gitMaybe, type GitPlace, parts} from './git.js'
import type {Worktree} from './make.js'
import {findRepository} from './repository.js'
import {withIndex} from './snapshot.js'

/**
 * Takes the changes of a tree over into the work tree that contains `directory`, as a three-way patch, staged and not
 * committed. Throws a Failure where they do not fit; nothing has changed then.
 */
export async function applyTree(tree: Worktree, directory: string, env: Env): Promise<Changes> {
  const changes = await diffOf(tree, env)
  const {gitDirectory, top} = await findRepository(directory, env)
  const common = realPathOf(
    resolve(changes.place.cwd, await git(changes.place, ['rev-parse', '--git-common-dir'])),
  )
  if (top === undefined || gitDirectory !== common || top === tree.path)
    throw new Failure('usage', `${directory} is no other work tree of the repository ${tree.repository}.`, [
      `Change to it first: cd ${tree.repository}`,
    ])
  if (changes.stat === '') return changes
  const at = {cwd: top, env}
  const staged = parts(await git(at, ['diff-index', '--cached', '--name-only', '-z', 'HEAD', '--']))
  if (staged.length > 0)
    throw new Failure(
      'usage',
      `Changes are staged in ${top}, such as ${staged[0]}, so nothing was applied.`,
      ['Commit them, or put them away: git stash'],
    )
  const patched = await withIndex(at, (index) => patchedTree(index, changes, tree))
  // Files that were only touched count as changed otherwise.
  await gitMaybe(at, ['update-index', '-q', '--refresh'])
  try {
    await git(at, ['read-tree', '-m', '-u', '-n', 'HEAD', patched])
  } catch (error) {
    throw new Failure(
      'usage',
      `Your own changes are in the way, so nothing was applied: ${messageOf(error)}`,
      ['Commit them, or put them away: git stash --include-untracked'],
    )
  }
  try {
    await git(at, ['read-tree', '-m', '-u', 'HEAD', patched])
  } catch (error) {
    const lost = await undo(at, patched)
    throw new Failure(
      'usage',
      `The changes cannot be written: ${messageOf(error)}`,
      lost.length === 0
        ? ['Nothing was applied.']
        : [`Could not be put back: ${quoteCommand(['git', '-C', top, 'checkout', '--', ...lost])}`],
    )
  }
  return changes
}

/** The commit that is checked out, with the changes. */
async function patchedTree(at: GitPlace, changes: Changes, {branch}: Worktree): Promise<string> {
  await git(at, ['read-tree', 'HEAD'])
  try {
    await git(at, ['apply', '--cached', '--3way', '--whitespace=nowarn', '-'], await patchOf(changes))
  } catch (error) {
    const conflicts = new Set(
      parts(await git(at, ['ls-files', '-z', '--unmerged'])).map((line) =>
        line.slice(line.indexOf('\t') + 1),
      ),
    )
    const what =
      conflicts.size === 0 ? messageOf(error) : `conflicts in ${[...conflicts].slice(0, 5).join(', ')}`
    throw new Failure('usage', `The changes do not fit, so nothing was applied: ${what}`, [
      `Commit them in the worktree, then merge: git merge ${branch}`,
    ])
  }
  return git(at, ['write-tree'])
}

/**
 * Puts back what git has written before it failed; returns what cannot be. The index is written last, so it still says
 * what was there, and the files that differ had no changes of the user.
 */
async function undo(at: GitPlace, patched: string): Promise<string[]> {
  const list = async (filter: string) => {
    const args = ['diff-tree', '-r', '-z', '--name-only', '--no-renames', `--diff-filter=${filter}`]
    return parts(await git(at, [...args, 'HEAD', patched]))
  }
  for (const name of await list('A')) rmSync(join(at.cwd, name), {force: true})
  const lost: string[] = []
  for (const name of await list('a')) {
    if ((await gitMaybe(at, ['checkout-index', '--force', '--', name])) === undefined) lost.push(name)
  }
  return lost
}
