import {existsSync} from 'node:fs'
import {Failure} from '../errors/failure.js'
import {oneLine} from '../format/text.js'
import type {Env} from '../io.js'

export interface GitPlace {
  /** Absolute. */
  readonly cwd: string
  /** That of the user. Variables that would lead git to another repository have no effect. */
  readonly env: Env
  /** A file that git uses instead of the index of the work tree. */
  readonly index?: string
  /** What git reads from standard input. */
  readonly input?: Uint8Array
}

/**
 * What git prints, without the last newline. `words` are separated by blanks; each of `more` is one word, whatever is in
 * it. Throws a Failure with git's own words.
 */
export async function git(place: GitPlace, words: string, ...more: readonly string[]): Promise<string> {
  return (await gitBytes(place, words, ...more)).toString().replace(/\n$/, '')
}

export async function gitList(place: GitPlace, words: string, ...more: readonly string[]): Promise<string[]> {
  return (await git(place, words, ...more)).split('\0').filter((part) => part !== '')
}

/** What git prints, or undefined where it fails: to ask whether something is there. */
export async function gitMaybe(
  place: GitPlace,
  words: string,
  ...more: readonly string[]
): Promise<string | undefined> {
  return git(place, words, ...more).catch((error: unknown) => {
    if ((error as Failure).kind === 'usage') return undefined
    throw error
  })
}

/** What git prints, which need not be UTF-8. */
export async function gitBytes(
  {cwd, env, index, input = new Uint8Array()}: GitPlace,
  words: string,
  ...more: readonly string[]
): Promise<Buffer> {
  const args = [...words.split(' '), ...more]
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
  const lines = Buffer.from(stderr).toString().trim().split('\n')
  const said = lines.find((line) => /^(?:fatal|error):/.test(line)) ?? lines.at(-1) ?? ''
  const what = oneLine(said.replace(/^(?:fatal|error): /, '')) || `it ended with ${exitCode ?? 'a signal'}`
  throw new Failure('usage', `git ${args[0]} failed: ${what}`)
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
  ...['-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false'],
  ...['-c', 'core.safecrlf=false', '-c', 'apply.ignoreWhitespace=no'],
]
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
