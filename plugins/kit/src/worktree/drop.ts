import {existsSync} from 'node:fs'
import {Failure} from '../errors/failure.js'
import {counted} from '../format/text.js'
import type {Env} from '../io.js'
import {processesIn, removeSubmodules, whyNotOurs} from './finish.js'
import {ignoredSince} from './set-up.js'
import {git, gitMaybe, type GitPlace} from './git.js'
import {tipOf, type Worktree} from './make.js'
import {changedFiles} from './repository.js'
import {snapshot, snapshotCommit} from './changes.js'

/** What dropping a tree removes, in words: `2 commits`, `1 uncommitted file`. */
export async function lossOf({base, branch, path, ready, repository}: Worktree, env: Env): Promise<string[]> {
  const isThere = existsSync(path)
  const at = {cwd: isThere ? path : repository, env}
  const tip = isThere ? 'HEAD' : await tipOf(branch, at)
  const commits = tip === undefined ? 0 : Number(await git(at, 'rev-list --count', tip, `^${base}`))
  const files = isThere ? (await changedFiles(path, env)).length : 0
  const ignored = isThere
    ? Object.entries((await ignoredSince(path, ready?.directories ?? [], env)).files)
    : []
  const lost = ignored.filter(([name, stamp]) => ready?.files[name] !== stamp).length
  const of = (count: number, noun: string) => (count === 0 ? [] : [counted(count, noun)])
  return [...of(commits, 'commit'), ...of(files, 'uncommitted file'), ...of(lost, 'file that git ignores')]
}

/**
 * Removes a tree and its branch. Returns the commit from which they can be restored until git collects what no
 * branch has, after two weeks; undefined where there was nothing. Throws a Failure, and removes nothing, while a process
 * works in the tree.
 */
export async function dropTree(tree: Worktree, env: Env): Promise<string | undefined> {
  const {base, branch, path, repository} = tree
  const place = {cwd: repository, env}
  const isThere = existsSync(path)
  const saved = isThere ? await save(tree, {cwd: path, env}) : await tipOf(branch, place)
  await gitMaybe(place, 'worktree unlock', path)
  if (isThere) await empty({cwd: path, env})
  const list = async () => (await git(place, 'worktree list --porcelain')).split('\n')
  if ((await list()).includes(`worktree ${path}`)) await git(place, 'worktree remove', path)
  const tip = await tipOf(branch, place)
  const isFree = tip !== undefined && !(await list()).includes(`branch refs/heads/${branch}`)
  // Only what the saved commit has, too, and only if the branch has not moved meanwhile.
  const isSaved =
    isFree && (await gitMaybe(place, 'merge-base --is-ancestor', tip, saved ?? base)) !== undefined
  if (isSaved) await git(place, 'update-ref -d', `refs/heads/${branch}`, tip)
  return saved === base ? undefined : saved
}

async function save(tree: Worktree, at: GitPlace): Promise<string> {
  const other = await whyNotOurs(tree, at)
  const [pid] = await processesIn(tree.path)
  if (other !== undefined || pid !== undefined)
    throw new Failure('usage', `The worktree ${tree.path} is kept: ${other ?? `process ${pid} works in it`}.`)
  const head = await git(at, 'rev-parse HEAD')
  const all = await snapshot(tree.path, at.env)
  return all === (await git(at, 'rev-parse HEAD^{tree}')) ? head : snapshotCommit(all, head, at)
}

/** Then git removes it without being forced to. */
async function empty(at: GitPlace): Promise<void> {
  await git(at, 'reset --quiet --hard')
  await git(at, 'clean --quiet -ffdx')
  await removeSubmodules(at)
}
