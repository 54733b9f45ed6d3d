import {lstatSync, readdirSync, readlinkSync, rmSync, writeFileSync} from 'node:fs'
import {join, resolve, sep} from 'node:path'
import {messageOf} from '../errors/failure.js'
import {realPathOf} from '../files/read-file.js'
import {counted} from '../format/text.js'
import type {Env} from '../io.js'
import {diffOf} from './changes.js'
import {ignoredSince} from './set-up.js'
import {git, gitList, gitMaybe, type GitPlace} from './git.js'
import {markOf, tipOf, type Worktree} from './make.js'
import {changedFiles, sharedDirectory} from './repository.js'

/** What became of a tree when its task had ended. */
export type FinishedWorktree =
  | {readonly isRemoved: true}
  | {
      readonly isRemoved: false
      /** Why it is kept, each a few words. */
      readonly reasons: readonly string[]
      /** As `git diff --shortstat` says it; '' where nothing differs. */
      readonly stat: string
    }

/**
 * Removes a tree and its branch where it is certain that nothing is in them, and keeps them otherwise. A check that
 * fails counts as a reason to keep them. Never throws.
 */
export async function finishWorktree(tree: Worktree, env: Env): Promise<FinishedWorktree> {
  const at = {cwd: tree.path, env}
  const reasons: string[] = []
  const run = async (check: Check) => {
    const reason = await check(tree, at).catch(messageOf)
    if (reason !== undefined) reasons.push(reason)
  }
  await run(whyNotOurs)
  // In another work tree no other check says anything.
  if (reasons.length === 0) for (const check of CHECKS) await run(check)
  if (reasons.length === 0) await run(remove)
  if (reasons.length === 0) return {isRemoved: true}
  await gitMaybe({cwd: tree.repository, env}, 'worktree unlock', tree.path).catch(() => undefined)
  const {stat} = await diffOf(tree, env).catch(() => ({stat: ''}))
  return {isRemoved: false, reasons, stat}
}

/** Why the directory is not this tree of its repository, such as a link to another one. Throws where git knows none there. */
export async function whyNotOurs({path, repository}: Worktree, at: GitPlace): Promise<string | undefined> {
  const [top, own = ''] = (await git(at, 'rev-parse --show-toplevel --git-dir')).split('\n')
  const shared = await sharedDirectory(at)
  const isOurs =
    realPathOf(path) === path &&
    top === path &&
    shared === (await sharedDirectory({...at, cwd: repository})) &&
    realPathOf(resolve(path, own)).startsWith(join(shared, 'worktrees') + sep)
  return isOurs ? undefined : 'it is another work tree now'
}

/** Processes of this user whose current directory is in a tree. Throws where that cannot be told. */
export async function processesIn(path: string): Promise<string[]> {
  const isIn = (directory: string) => `${directory}${sep}`.startsWith(`${path}${sep}`)
  // It refuses to remove the directory by itself.
  if (process.platform === 'win32') return []
  if (process.platform === 'linux')
    return readdirSync('/proc').filter((pid) => {
      try {
        return /^\d+$/.test(pid) && isIn(readlinkSync(`/proc/${pid}/cwd`))
      } catch {
        // It has ended, or belongs to somebody else.
        return false
      }
    })
  const {execa} = await import('execa')
  const {stdout} = await execa('/usr/sbin/lsof', ['-w', '-d', 'cwd', '-F', 'pn'], {reject: false})
  if (!stdout) throw new Error('whether a process works in it cannot be told')
  return [...stdout.matchAll(/^p(\d+)\n(?:f.*\n)?n(.*)$/gm)].flatMap(([, pid = '', directory = '']) =>
    isIn(directory) ? [pid] : [],
  )
}

type Check = (tree: Worktree, at: GitPlace) => Promise<string | undefined>

const CHECKS: readonly Check[] = [
  async ({branch}, at) =>
    (await gitMaybe(at, 'symbolic-ref --quiet HEAD')) === `refs/heads/${branch}`
      ? undefined
      : 'another branch is checked out',

  async ({base}, at) => {
    const head = await git(at, 'rev-parse HEAD')
    if (head === base) return undefined
    const commits = await gitMaybe(at, 'rev-list --count', `${base}..HEAD`)
    return commits === undefined || commits === '0'
      ? 'its branch was moved'
      : counted(Number(commits), 'commit')
  },

  // Commits that were checked out once, and would be known by nothing else.
  async (_tree, at) => {
    const seen = (await git(at, 'log --walk-reflogs --format=%H HEAD --')).split('\n').filter(Boolean)
    if (seen.length === 0) return undefined
    const others = ['--not', '--branches', '--tags', '--remotes']
    const lost = await git(at, 'rev-list --max-count=1', ...new Set(seen), ...others)
    return lost === '' ? undefined : `commit ${lost.slice(0, 12)}, which no branch has`
  },

  async (_tree, at) => {
    const {length} = await changedFiles(at.cwd, at.env)
    return length === 0 ? undefined : counted(length, 'uncommitted file')
  },

  // `git status` leaves out changes of files that were marked so.
  async (_tree, at) => {
    const marked = (await gitList(at, 'ls-files -v -z')).filter((line) => /^[a-z]/.test(line))
    return marked.length === 0 ? undefined : 'files that were marked so that git ignores their changes'
  },

  async ({path, ready}, at) => {
    // Where the set-up did not end, nobody knows which of them it made.
    const {directories, files: before} = ready ?? {directories: [], files: {}}
    const {files} = await ignoredSince(path, directories, at.env)
    const changed = Object.keys(files).filter((name) => files[name] !== before[name])
    return changed.length === 0
      ? undefined
      : `${counted(changed.length, 'file')} that git ignores: ${changed.slice(0, 3).join(', ')}`
  },

  async (_tree, at) => {
    const ask =
      'git status --porcelain --untracked-files=all --ignored && git rev-list -1 --all --reflog HEAD --not --remotes'
    const found = await git(at, 'submodule --quiet foreach --recursive', ask)
    return found === '' ? undefined : 'changes in a submodule'
  },

  async ({branch, stash}, at) => {
    if ((await gitMaybe(at, 'rev-parse --verify --quiet refs/stash')) === undefined) return undefined
    const all = (await git(at, 'stash list', '--format=%H %gs')).split('\n')
    const known = all.findIndex((line) => stash !== undefined && line.startsWith(stash))
    const later = known === -1 ? all : all.slice(0, known)
    return later.some((line) => line.includes(` ${branch}:`) || line.includes(' (no branch):'))
      ? 'a stash'
      : undefined
  },

  async ({path}) => {
    const [pid] = await processesIn(path)
    return pid === undefined ? undefined : `process ${pid} works in it`
  },
]

/** Only what the checks have found to be empty. What git refuses undoes the rest. */
async function remove(tree: Worktree, at: GitPlace): Promise<undefined> {
  const {base, branch, path, repository} = tree
  const place = {...at, cwd: repository}
  // On its own commit a branch counts as merged; elsewhere that depends on where the user's branch is.
  await git(at, 'checkout --quiet --detach')
  try {
    writeFileSync(markOf(path), `${JSON.stringify({repository, branch, base})}\n`, {mode: 0o600})
    await git(at, 'branch --quiet -d', branch)
    await removeSubmodules(at)
    await git(place, 'worktree unlock', path).catch(() => undefined)
    await git(place, 'worktree remove', path)
  } catch (error) {
    // No branch may be missing where something is kept.
    const hasBranch = (await tipOf(branch, at)) !== undefined
    await git(at, `checkout --quiet${hasBranch ? '' : ' -b'}`, branch)
    rmSync(markOf(path), {force: true})
    throw error
  }
}

/** `git submodule deinit` would do it for every work tree, as they share the config. */
export async function removeSubmodules(at: GitPlace): Promise<void> {
  const lines = await gitList(at, 'ls-files --stage -z')
  for (const line of lines.filter((entry) => entry.startsWith('160000 '))) {
    const path = join(at.cwd, line.slice(line.indexOf('\t') + 1))
    if (!lstatSync(path, {throwIfNoEntry: false})?.isDirectory()) continue
    for (const name of readdirSync(path)) rmSync(join(path, name), {recursive: true, force: true})
  }
  const modules = resolve(at.cwd, await git(at, 'rev-parse --git-path modules'))
  rmSync(modules, {recursive: true, force: true})
}
