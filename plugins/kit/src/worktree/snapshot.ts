import {copyFileSync, existsSync, mkdtempSync, rmSync, statSync, utimesSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join, resolve} from 'node:path'
import type {Env} from '../io.js'
import {git, type GitPlace} from './git.js'
import {changedFiles} from './repository.js'

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
