import {copyFileSync, existsSync, mkdtempSync, rmSync, statSync, utimesSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join, resolve} from 'node:path'
import {Failure} from '../errors/failure.js'
import type {Env} from '../io.js'
import {git, gitBytes, gitMaybe, type GitPlace} from './git.js'
import {tipOf, type Worktree} from './make.js'
import {changedFiles} from './repository.js'

/** What differs in a tree from what it began with: commits, what is not committed, and untracked files. */
export interface Changes {
  /** The tree objects of git to compare. */
  readonly from: string
  readonly to: string
  /** As `git diff --shortstat` says it; '' where nothing differs. */
  readonly stat: string
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

/**
 * A git tree of all that is in a work tree now, untracked files included; neither its files nor its index change.
 * Repositories inside it, which are not its own, are left out.
 */
export async function snapshot(top: string, env: Env): Promise<string> {
  const place = {cwd: top, env}
  const inside = (await changedFiles(top, env)).filter((path) => path.endsWith('/'))
  const own = resolve(top, await git(place, 'rev-parse --git-path index'))
  return withIndex(place, async (at) => {
    if (existsSync(own)) {
      copyFileSync(own, at.index)
      // git compares the content of files that are not older than the index: a copy must not look newer.
      const seconds = (statSync(own).mtimeMs - 10) / 1000
      utimesSync(at.index, seconds, seconds)
    }
    const others = inside.map((path) => `:(exclude,top,literal)${path.slice(0, -1)}`)
    await git(at, 'add --all -- :/', ...others)
    return git(at, 'write-tree')
  })
}

/** A commit of a tree, which no branch has. */
export function snapshotCommit(tree: string, parent: string, place: GitPlace): Promise<string> {
  return git(place, 'commit-tree -m', 'What was not committed', '-p', parent, tree)
}

/** Gives git another index than that of the work tree, which does not exist yet. */
export async function withIndex<T>(
  place: GitPlace,
  action: (at: GitPlace & {index: string}) => Promise<T>,
): Promise<T> {
  const directory = mkdtempSync(join(place.env.TMPDIR || tmpdir(), 'clinvk-index-'))
  try {
    return await action({...place, index: join(directory, 'index')})
  } finally {
    rmSync(directory, {recursive: true, force: true})
  }
}
