import {basename, dirname, relative, resolve} from 'node:path'
import {Failure} from '../errors/failure.js'
import {realPathOf} from '../files/read-file.js'
import type {Env} from '../io.js'
import {git, gitList, gitMaybe, type GitPlace} from './git.js'

/** A repository as worktrees are made from it. Paths are absolute, links resolved. */
export interface Repository {
  /** For `git -C`: the directory of its main work tree, or the git directory of a bare one or a submodule. */
  readonly path: string
  /** What all of its work trees share. */
  readonly gitDirectory: string
  /** The work tree of the user; absent in a bare repository. */
  readonly top?: string
  /** Where in that the user stands; '' at the top. */
  readonly prefix: string
  readonly base: string
  /** Files of the user's work tree that differ from their commit, untracked ones included. */
  readonly uncommitted: number
}

/** Of a submodule, its own. `ref` is what worktrees start from. Throws a Failure where no worktree can be made. */
export async function findRepository(directory: string, env: Env, ref = 'HEAD'): Promise<Repository> {
  const place = {cwd: realPathOf(directory), env}
  const kind = await git(place, 'rev-parse --is-bare-repository --is-inside-work-tree')
  const [isBare, isInside] = kind.split('\n')
  if (isBare !== 'true' && isInside !== 'true')
    throw new Failure('usage', `${directory} is not in a git work tree, which worktrees need.`)
  const gitDirectory = await sharedDirectory(place)
  const top = isInside === 'true' ? realPathOf(await git(place, 'rev-parse --show-toplevel')) : undefined
  const base = ref.startsWith('-')
    ? undefined
    : await gitMaybe(place, 'rev-parse --verify --quiet', `${ref}^{commit}`)
  if (base === undefined)
    throw ref === 'HEAD'
      ? new Failure('usage', `${directory} has no commit yet, and worktrees start from one.`, [
          'Try: git commit --allow-empty -m start',
        ])
      : new Failure('usage', `There is no commit ${ref} in ${directory}.`, ['See: git branch --all'])
  return {
    path: basename(gitDirectory) === '.git' ? dirname(gitDirectory) : gitDirectory,
    gitDirectory,
    top,
    prefix: top === undefined ? '' : relative(top, place.cwd),
    base,
    uncommitted: top === undefined ? 0 : (await changedFiles(top, env)).length,
  }
}

/** Paths that `git status` names, untracked files one by one; a repository inside ends with a slash. */
export async function changedFiles(top: string, env: Env): Promise<string[]> {
  const words = 'status --porcelain -z --untracked-files=all --no-renames --ignore-submodules=none'
  return (await gitList({cwd: top, env}, words)).map((entry) => entry.slice(3))
}

/** The git directory that all work trees of a repository share, links resolved. */
export async function sharedDirectory(place: GitPlace): Promise<string> {
  return realPathOf(resolve(place.cwd, await git(place, 'rev-parse --git-common-dir')))
}
