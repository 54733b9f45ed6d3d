import {Failure} from 'clinvk-kit/failure'
import type {Candidate} from './candidate.js'
import {isOfficial} from './official.js'
import {facts, MEANING} from './question.js'

/** How the user is asked. */
export interface Asking {
  /** `--yes`: nothing is asked. */
  readonly yes: boolean
  /** What the user has typed, to be typed again with `--yes`. */
  readonly command: string
  /** The scripts of the package may run. */
  readonly withScripts: boolean
}

/** What is asked about: a plugin, why it is asked at all, and what it would replace. */
export interface Doubt {
  readonly candidate: Candidate
  readonly why?: string | undefined
  readonly replaces: readonly string[]
}

/**
 * Gets the user's word for a plugin that nobody vouches for. Throws a Failure
 * when it is a no, or when there is no terminal to ask on.
 */
export async function agree(
  {candidate, replaces, why}: Doubt,
  {command, withScripts, yes}: Asking,
): Promise<void> {
  if (yes) return
  const {name, origin, version} = candidate
  const title = `${name} ${version}`
  const lines = [...facts(candidate, replaces, withScripts), MEANING]
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    const reason = isOfficial(name)
      ? 'calls itself official, but does not come from the registry'
      : 'is not an official plugin'
    throw new Failure('usage', why ?? `${title} ${reason}. It needs your word.`, [
      ...lines,
      `If you trust it: ${command} --yes`,
    ])
  }

  const {askYes} = await import('../output/ask-yes.js')
  const verb = origin.kind === 'link' ? 'Link' : 'Install'
  process.stderr.write(
    [...(why === undefined ? [] : [why]), title, ...lines.map((line) => `  ${line}`), ''].join('\n'),
  )
  if (!(await askYes(`${verb} it?`, process))) throw new Failure('cancelled', 'Nothing was changed.')
}
