import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {closeSync, constants, copyFileSync, existsSync, lstatSync, mkdirSync, openSync} from 'node:fs'
import {dirname, join, sep} from 'node:path'
import {Failure, messageOf} from '../errors/failure.js'
import {realPathOf} from '../files/read-file.js'
import type {Env} from '../io.js'
import {git, gitList, withoutGitVariables} from './git.js'
import type {IgnoredFiles, Worktree} from './make.js'
import {snapshot, snapshotCommit} from './changes.js'

export interface SetUpOptions {
  readonly env: Env
  /** The work tree of the user; absent: nothing is copied. */
  readonly top?: string
  /** Whether its uncommitted changes come along. */
  readonly copiesChanges: boolean
  /** The setting `worktree.setup`: a command of the shell. */
  readonly setup?: string
  /** The file that gets what the command prints. */
  readonly log: string
  readonly notice: (message: string) => void
  /** Ends the set-up; absent: Ctrl-C in the terminal does. */
  readonly stop?: AbortSignal
}

/**
 * Gives a new tree what it needs besides the commit: the user's changes, the files that `.worktreeinclude` names, and
 * what the set-up command makes. Throws a Failure; the tree stays as it is then.
 */
export async function setUpWorktree(tree: Worktree, options: SetUpOptions): Promise<Worktree> {
  const {copiesChanges, env, notice, setup, top} = options
  const start = top !== undefined && copiesChanges ? await copyChanges(tree, top, env) : undefined
  if (top !== undefined) await copyIncluded(tree.path, top, options)
  const included = await ignoredFiles(tree.path, env)
  if (existsSync(join(tree.path, '.gitmodules')) && setup === undefined)
    notice(
      'Submodules are empty in worktrees. To fill them: clinvk config set worktree.setup "git submodule update --init"',
    )
  if (setup !== undefined) await runSetup(tree, setup, options)
  const directories = (await ignored(tree.path, env)).filter(
    (name) => name.endsWith('/') && !included.some((file) => file.startsWith(name)),
  )
  return {...tree, start, ready: await ignoredSince(tree.path, directories, env)}
}

/** The files that git ignores in a tree, outside of `directories`. */
export async function ignoredSince(
  path: string,
  directories: readonly string[],
  env: Env,
): Promise<IgnoredFiles> {
  const names = (await ignoredFiles(path, env)).filter(
    (name) => !directories.some((made) => name.startsWith(made)),
  )
  const files = Object.fromEntries(
    names.map((name) => {
      const {mtimeMs, size} = lstatSync(join(path, name))
      return [name, `${size} ${mtimeMs}`]
    }),
  )
  return {files, directories}
}

async function ignoredFiles(cwd: string, env: Env): Promise<string[]> {
  return gitList({cwd, env}, 'ls-files -z --others --ignored --exclude-standard')
}

/** The same with directories, which end with a slash, instead of all that is in them. */
async function ignored(cwd: string, env: Env): Promise<string[]> {
  const words = 'status --porcelain -z --no-renames --ignored=matching --untracked-files=all'
  const entries = await gitList({cwd, env}, words)
  return entries.flatMap((entry) => (entry.startsWith('!! ') ? [entry.slice(3)] : []))
}

async function copyChanges({base, path}: Worktree, top: string, env: Env): Promise<string | undefined> {
  const at = {cwd: top, env}
  const tree = await snapshot(top, env)
  if (tree === (await git(at, 'rev-parse', `${base}^{tree}`))) return undefined
  const there = {cwd: path, env}
  const start = await snapshotCommit(tree, base, at)
  // A name that belongs to this work tree alone keeps the commit for as long as the tree is there.
  await git(there, 'update-ref refs/worktree/start', start)
  await git(there, 'read-tree -m -u', base, tree)
  await git(there, 'read-tree', base)
  return start
}

/** Copies files that git ignores and `.worktreeinclude` names. What is there already stays, and no link is followed. */
async function copyIncluded(path: string, top: string, {env, notice}: SetUpOptions): Promise<void> {
  if (!existsSync(join(top, INCLUDE))) return
  const at = {cwd: top, env}
  const named = await gitList(at, `ls-files -z --others --ignored --exclude-from=${INCLUDE}`)
  if (named.length === 0) return
  const isIgnored = new Set(await ignoredFiles(top, env))
  const skipped: string[] = []
  for (const name of named) {
    const [from, to] = [join(top, name), join(path, name)]
    if (!isIgnored.has(name)) continue
    try {
      if (!lstatSync(from).isFile()) throw new Error('it is not a file')
      mkdirSync(dirname(to), {recursive: true})
      if (!`${realPathOf(dirname(to))}${sep}`.startsWith(`${path}${sep}`))
        throw new Error('a link leads out of the tree')
      copyFileSync(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC')
        throw new Failure('usage', `${name} cannot be copied: ${messageOf(error)}`)
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') skipped.push(`${name} (${messageOf(error)})`)
    }
  }
  if (skipped.length > 0) notice(`Not copied into the worktree: ${skipped.slice(0, 5).join(', ')}`)
}

async function runSetup(
  {path, repository}: Worktree,
  setup: string,
  {env, log, stop, top}: SetUpOptions,
): Promise<void> {
  const file = openSync(log, 'a', 0o600)
  try {
    const isOwnGroup = stop !== undefined && process.platform !== 'win32'
    const running = spawn(setup, {
      shell: true,
      cwd: path,
      env: {...withoutGitVariables(env), PWD: path, CLINVK_REPOSITORY: top ?? repository},
      stdio: ['ignore', file, file],
      detached: isOwnGroup,
    })
    const end = () => {
      // The shell and all that it has started.
      if (running.pid !== undefined) process.kill(isOwnGroup ? -running.pid : running.pid, 'SIGTERM')
    }
    stop?.addEventListener('abort', end)
    if (stop?.aborted) end()
    const [exitCode, signal] = (await once(running, 'close')) as [number | null, string | null]
    stop?.removeEventListener('abort', end)
    if (stop?.aborted) throw new Failure('cancelled', 'Cancelled during the set-up of the worktree.')
    if (exitCode !== 0)
      throw new Failure(
        'usage',
        `The set-up of the worktree failed with ${exitCode ?? signal ?? 'an error'}: ${setup}`,
        [`What it printed: ${log}`, `The worktree: ${path}`],
      )
  } finally {
    closeSync(file)
  }
}

const INCLUDE = '.worktreeinclude'
