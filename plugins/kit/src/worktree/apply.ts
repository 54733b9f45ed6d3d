import {rmSync} from 'node:fs'
import {join} from 'node:path'
import {Failure, messageOf} from '../errors/failure.js'
import {quoteCommand} from '../format/text.js'
import type {Env} from '../io.js'
import {type Changes, diffOf, patchOf, withIndex} from './changes.js'
import {git, gitList, gitMaybe, type GitPlace} from './git.js'
import type {Worktree} from './make.js'
import {findRepository, sharedDirectory} from './repository.js'

/**
 * Takes the changes of a tree over into the work tree that contains `directory`, as a three-way patch, staged and not
 * committed. Throws a Failure where they do not fit; nothing has changed then.
 */
export async function applyTree(tree: Worktree, directory: string, env: Env): Promise<Changes> {
  const changes = await diffOf(tree, env)
  const {gitDirectory, top} = await findRepository(directory, env)
  if (top === undefined || gitDirectory !== (await sharedDirectory(changes.place)) || top === tree.path)
    throw new Failure(
      'usage',
      `${directory} is not another work tree of the repository ${tree.repository}.`,
      [`Change to it first: cd ${tree.repository}`],
    )
  if (changes.stat === '') return changes
  const at = {cwd: top, env}
  const staged = await gitList(at, 'diff-index --cached --name-only -z HEAD --')
  if (staged.length > 0)
    throw new Failure(
      'usage',
      `Changes are staged in ${top}, such as ${staged[0]}, so nothing was applied.`,
      ['Commit them, or put them away: git stash'],
    )
  const patched = await withIndex(at, (index) => patchedTree(index, changes, tree))
  // Files that were only touched count as changed otherwise.
  await gitMaybe(at, 'update-index -q --refresh')
  try {
    await git(at, 'read-tree -m -u -n HEAD', patched)
  } catch (error) {
    throw new Failure(
      'usage',
      `Your own changes are in the way, so nothing was applied: ${messageOf(error)}`,
      ['Commit them, or put them away: git stash --include-untracked'],
    )
  }
  try {
    await git(at, 'read-tree -m -u HEAD', patched)
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
  await git(at, 'read-tree HEAD')
  try {
    const patch = {...at, input: await patchOf(changes)}
    await git(patch, 'apply --cached --3way --whitespace=nowarn -')
  } catch (error) {
    const unmerged = await gitList(at, 'ls-files -z --unmerged')
    const conflicts = new Set(unmerged.map((line) => line.slice(line.indexOf('\t') + 1)))
    const what =
      conflicts.size === 0 ? messageOf(error) : `conflicts in ${[...conflicts].slice(0, 5).join(', ')}`
    throw new Failure('usage', `The changes cannot be merged, so nothing was applied: ${what}`, [
      `Commit them in the worktree, then merge: git merge ${branch}`,
    ])
  }
  return git(at, 'write-tree')
}

/**
 * Puts back what git has written before it failed; returns what cannot be. The index is written last, so it still says
 * what was there, and the files that differ had no changes of the user.
 */
async function undo(at: GitPlace, patched: string): Promise<string[]> {
  const words = 'diff-tree -r -z --name-only --no-renames'
  const list = (filter: string) => gitList(at, words, `--diff-filter=${filter}`, 'HEAD', patched)
  for (const name of await list('A')) rmSync(join(at.cwd, name), {force: true})
  const lost: string[] = []
  for (const name of await list('a')) {
    if ((await gitMaybe(at, 'checkout-index --force --', name)) === undefined) lost.push(name)
  }
  return lost
}
