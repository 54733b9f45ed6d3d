import {existsSync} from 'node:fs'
import {Failure} from '../errors/failure.js'
import {oneLine} from '../format/text.js'
import type {Env} from '../io.js'

/** Where git runs, and with what. */
export interface GitPlace {
  /** Absolute. */
  readonly cwd: string
  /** That of the user. Variables that would lead git to another repository have no effect. */
  readonly env: Env
  /** A file that git uses instead of the index of the work tree. */
  readonly index?: string
}

/** What git prints, without the last newline. Throws a Failure with git's own words. */
export async function git(place: GitPlace, args: readonly string[], input?: Uint8Array): Promise<string> {
  return (await gitBytes(place, args, input)).toString().replace(/\n$/, '')
}

/** The same, for what may not be UTF-8. */
export async function gitBytes(
  {cwd, env, index}: GitPlace,
  args: readonly string[],
  input: Uint8Array = new Uint8Array(),
): Promise<Buffer> {
  if (!existsSync(cwd)) throw new Failure('usage', `${cwd} does not exist.`)
  const {execa} = await import('execa')
  const {code, exitCode, stderr, stdout} = await execa('git', [...OPTIONS, ...args], {
    cwd,
    env: {...withoutGitVariables(env), ...OURS, ...(index === undefined ? {} : {GIT_INDEX_FILE: index})},
    extendEnv: false,
    input,
    encoding: 'buffer',
    stripFinalNewline: false,
    reject: false,
    maxBuffer: LARGEST_OUTPUT,
    // Ctrl-C must not end git in the middle of a change.
    detached: process.platform !== 'win32',
  })
  if (code === 'ENOENT')
    throw new Failure('unavailable', 'git is not installed, and worktrees need it.', [
      'Install git, or leave out --worktree.',
    ])
  if (exitCode === 0) return Buffer.from(stdout)
  const words = Buffer.from(stderr).toString().trim().split('\n')
  const said = words.find((line) => /^(?:fatal|error):/.test(line)) ?? words.at(-1) ?? ''
  const what = oneLine(said.replace(/^(?:fatal|error): /, '')) || `it ended with ${exitCode ?? 'a signal'}`
  throw new Failure('usage', `git ${args[0]} failed: ${what}`)
}

/** What git prints, or undefined where it fails: to ask whether something is there. */
export async function gitMaybe(place: GitPlace, args: readonly string[]): Promise<string | undefined> {
  return git(place, args).catch((error: unknown) => {
    if ((error as Failure).kind === 'usage') return undefined
    throw error
  })
}

/** The parts of an output that `-z` ends with NUL. */
export function parts(output: string): string[] {
  return output.split('\0').filter((part) => part !== '')
}

/** Without the variables by which git, as in a hook, is told which repository it works on. */
export function withoutGitVariables(env: Env): Env {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !/^GIT_(?!CONFIG_GLOBAL|CONFIG_SYSTEM|CONFIG_NOSYSTEM|SSH|SSL)/i.test(name),
    ),
  )
}

/** No program runs that a setting names, but those that make a file's content. */
const OPTIONS = [
  ...['core.hooksPath=/dev/null', 'core.fsmonitor=false', 'core.safecrlf=false', 'apply.ignoreWhitespace=no'],
].flatMap((setting) => ['-c', setting])
const OURS = {
  LC_ALL: 'C',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_TERMINAL_PROMPT: '0',
  // Of the commits that keep what is uncommitted.
  GIT_AUTHOR_NAME: 'clinvk',
  GIT_AUTHOR_EMAIL: 'clinvk@localhost',
  GIT_COMMITTER_NAME: 'clinvk',
  GIT_COMMITTER_EMAIL: 'clinvk@localhost',
}
/** Bytes. */
const LARGEST_OUTPUT = 1_000_000_000
