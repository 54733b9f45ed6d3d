import {createHash} from 'node:crypto'
import {existsSync, mkdirSync, rmSync} from 'node:fs'
import {homedir} from 'node:os'
import {basename, join, resolve, sep} from 'node:path'
import {Failure, messageOf} from '../errors/failure.js'
import {realPathOf} from '../files/read-file.js'
import {makeDirectory} from '../files/replace-file.js'
import {quoteCommand} from '../format/text.js'
import type {Env} from '../io.js'
import {LockFile} from '../process/lock-file.js'
import type {SessionWorktree} from '../turn/request.js'
import {clinvkHome} from '../settings/files.js'
import {git, gitMaybe, type GitPlace} from './git.js'
import {type Repository, sharedDirectory} from './repository.js'

/** A work tree of a task, as it is written down. Paths are absolute. */
export interface Worktree extends SessionWorktree {
  /** The directory in it where the agent runs. */
  readonly cwd: string
  /** The latest stash of the repository when it was made. */
  readonly stash?: string
  /** A commit of the user's changes that it began with. */
  readonly start?: string
  /** What git ignores in it once it is set up; absent: it is not set up yet. */
  readonly ready?: IgnoredFiles
}

export interface IgnoredFiles {
  /** Their sizes and times, by path. */
  readonly files: Readonly<Record<string, string>>
  /** Whole directories that the set-up made. */
  readonly directories: readonly string[]
}

export interface WorktreeNames {
  readonly env: Env
  /** 32 hexadecimal digits. */
  readonly run: string
  readonly label: string
  readonly root?: string
  /** Told which tree is made, before it is: a crash leaves none that nobody knows of. */
  readonly planned?: (tree: Worktree) => Promise<void>
}

/**
 * Makes a work tree outside of the repository on a new branch, and locks it. A branch or directory that exists is never
 * used again: the next free name is. Throws a Failure, and leaves nothing.
 */
export async function makeWorktree(
  repository: Repository,
  {env, label, planned, root, run}: WorktreeNames,
): Promise<Worktree> {
  const {base, gitDirectory, path: place, prefix, top} = repository
  const home = root?.replace(/^~(?=\/|$)/, env.HOME ?? homedir()) ?? join(clinvkHome(env), 'worktrees')
  const name = plain(basename(place).replace(/\.git$/, ''))
  const trees = join(resolve(home), `${name}-${hashOf(gitDirectory)}`)
  makeDirectory(trees)
  const parent = realPathOf(trees)
  if ([top, gitDirectory].some((path) => path !== undefined && `${parent}${sep}`.startsWith(`${path}${sep}`)))
    throw new Failure('config', `worktree.root is inside the repository ${place}.`, [
      'Choose another directory.',
    ])
  const at = {cwd: place, env}
  const stash = await gitMaybe(at, 'rev-parse --verify --quiet refs/stash')
  return lockOf(gitDirectory, env).run(async () => {
    const short = run.slice(0, 8)
    for (let count = 1; ; count++) {
      const task = `${plain(label)}${count === 1 ? '' : `-${count}`}`
      const path = join(parent, `${short}-${task}`)
      const branch = `clinvk/${short}/${task}`
      const isTaken = existsSync(path) || existsSync(markOf(path)) || (await tipOf(branch, at)) !== undefined
      if (isTaken) continue
      const cwd = join(path, prefix)
      const tree = {repository: place, path, branch, base, cwd, stash}
      await planned?.(tree)
      await add(at, {path, branch, base}, ['-b', branch, path, base])
      // What is not in the commit may still be where the user stands.
      mkdirSync(cwd, {recursive: true})
      return tree
    }
  }, LOCK_WAIT_MS)
}

/**
 * Makes a tree again at its path, on its branch, that was removed because nothing had changed in it. Throws a Failure of
 * kind `session`, with the command that makes it, where it has gone otherwise.
 */
export async function remakeWorktree(
  {base, branch, path, repository}: SessionWorktree,
  env: Env,
): Promise<void> {
  const at = {cwd: repository, env}
  const shared = await sharedDirectory(at).catch((error: unknown) => {
    if ((error as Failure).kind !== 'usage') throw error
    throw new Failure(
      'session',
      `The repository ${repository} of the worktree ${path} does not exist any more.`,
      ['If it was moved, move it back, or continue elsewhere: clinvk resume SESSION --workdir DIR --move'],
    )
  })
  const tip = await tipOf(branch, at)
  const command = tip === undefined ? ['-b', branch, path, base] : [path, branch]
  if (!existsSync(markOf(path)) || existsSync(path) || (tip ?? base) !== base) {
    const words = (args: string[]) => quoteCommand(['git', '-C', repository, 'worktree', ...args])
    const listed = await git(at, 'worktree list --porcelain')
    const clear = listed.split('\n').includes(`worktree ${path}`)
      ? [words(['unlock', path]), words(['remove', path])].join('; ') + '; '
      : ''
    throw new Failure('session', `The worktree ${path} does not exist any more.`, [
      `Make it again: ${clear}${words(['add', ...command])}`,
    ])
  }
  await lockOf(shared, env).run(() => add(at, {path, branch, base}, command), LOCK_WAIT_MS)
  rmSync(markOf(path), {force: true})
}

/** Beside a tree that was removed because nothing had changed in it. */
export function markOf(path: string): string {
  return `${path}.unchanged`
}

/** The commit of a branch; undefined when there is none. */
export function tipOf(branch: string, place: GitPlace): Promise<string | undefined> {
  return gitMaybe(place, 'rev-parse --verify --quiet', `refs/heads/${branch}`)
}

/** No other program may remove the tree from now on. */
export async function lockWorktree({branch, path, repository}: Worktree, env: Env): Promise<void> {
  await gitMaybe({cwd: repository, env}, 'worktree unlock', path)
  const reason = `${branch}, process ${process.pid}`
  await git({cwd: repository, env}, 'worktree lock --reason', reason, path)
}

/** Once again where it fails; a failed one leaves no branch behind. */
async function add(
  place: GitPlace,
  {base, branch, path}: {path: string; branch: string; base: string},
  args: readonly string[],
): Promise<void> {
  const isNew = args.includes('-b')
  for (const isLast of [false, true]) {
    // What is there already belongs to somebody else.
    mkdirSync(path, {mode: 0o700})
    try {
      // Without a remote branch to track nothing is written to the config, which only one git at a time can do.
      await git(place, 'worktree add --quiet --no-track', ...args)
      return
    } catch (error) {
      rmSync(path, {recursive: true, force: true})
      if (isNew) await gitMaybe(place, 'update-ref -d', `refs/heads/${branch}`, base)
      if (isLast) throw new Failure('usage', `The worktree ${path} cannot be made: ${messageOf(error)}`)
    }
  }
}

function lockOf(gitDirectory: string, env: Env): LockFile {
  const path = join(clinvkHome(env), 'worktrees', `${hashOf(gitDirectory)}.lock`)
  return new LockFile(path, 'The worktrees of the repository', 'unavailable')
}

function hashOf(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 8)
}

/** Part of a path and of the name of a branch. */
function plain(label: string): string {
  return (
    label
      .normalize('NFC')
      .replaceAll(/[^\p{L}\p{N}._-]+/gu, '-')
      .replaceAll(/\.{2,}/g, '.')
      .replace(/^[.-]+/, '')
      .slice(0, MAX_NAME)
      .replace(/(?:\.lock|[.-])+$/, '') || 'task'
  )
}

/** Milliseconds that one other process may take to make a tree of a large repository. */
const LOCK_WAIT_MS = 600_000
/** Characters. */
const MAX_NAME = 40
