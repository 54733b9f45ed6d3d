import {existsSync} from 'node:fs'
import {Failure} from '../errors/failure.js'
import type {Env} from '../io.js'
import {git, gitBytes, gitMaybe, type GitPlace} from './git.js'
import {tipOf, type Worktree} from './make.js'
import {changedFiles} from './repository.js'
import {snapshot} from './snapshot.js'

/** What differs in a tree from what it began with: commits, what is not committed, and untracked files. */
export interface Changes {
  /** The tree objects of git to compare. */
  readonly from: string
  readonly to: string
  /** As `git diff --shortstat` says it; '' where nothing differs. */
  readonly stat: string
  /** Where git can compare them. */
  readonly place: GitPlace
  /** Repositories inside the tree, which are no part of this. */
  readonly leftOut: readonly string[]
}

/** Of a tree whose directory has gone, what its branch has. Throws a Failure where that has gone, too. */
export async function diffOf(tree: Worktree, env: Env): Promise<Changes> {
  const {base, branch, path, repository} = tree
  const isThere = existsSync(path)
  const place = {cwd: isThere ? path : repository, env}
  const head = isThere ? await headOf(tree, place) : await tipOf(branch, place)
  if (head === undefined)
    throw new Failure('usage', `The worktree ${path} and its branch ${branch} do not exist any more.`, [
      'It was removed because nothing had changed in it, or dropped.',
    ])
  const start = tree.start ?? (await gitMaybe(place, 'merge-base', base, head)) ?? base
  const from = await git(place, 'rev-parse', `${start}^{tree}`)
  const to = isThere ? await snapshot(path, env) : await git(place, 'rev-parse', `${head}^{tree}`)
  const stat = (await git(place, 'diff-tree --shortstat', from, to)).trim()
  const leftOut = isThere ? (await changedFiles(path, env)).filter((name) => name.endsWith('/')) : []
  return {from, to, stat, place, leftOut}
}

/** A patch for `git apply`, with whole binary files; empty where nothing differs. */
export function patchOf({from, place, to}: Changes): Promise<Buffer> {
  return gitBytes(place, 'diff-tree -r -p --binary --full-index --no-ext-diff --no-textconv', from, to)
}

/** The commit that is checked out in a tree. Throws a Failure that says what to do where git does not know the tree. */
async function headOf({path, repository}: Worktree, place: GitPlace): Promise<string> {
  const [top, head] = (await gitMaybe(place, 'rev-parse --show-toplevel HEAD'))?.split('\n') ?? []
  if (top === path && head !== undefined) return head
  throw new Failure('usage', `git does not know the worktree ${path} any more.`, [
    `Was the repository ${repository} moved? Then, in its new place: git worktree repair ${path}`,
  ])
}
