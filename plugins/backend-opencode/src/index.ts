import {program, versionQuestion} from 'clinvk-backend-sdk'
import type {Backend, Findings, Host, ProgramAnswer, Question} from 'clinvk-contract'
import {deleteCommand, forget, isResumable, move} from './conversation.js'
import {history} from './history.js'
import {interactive, plan} from './plan.js'
import {OpencodeReader} from './reader.js'

export default {
  plan,
  reader: (turn) => new OpencodeReader(turn),
  interactive,
  isResumable,
  move,
  forget,
  deleteCommand,
  probe,
  history,
} satisfies Backend

/** opencode 1.18 answers both without the network when updates and its catalogue are switched off. */
function probe({scratch}: Host): readonly Question[] {
  const env = {
    BUN_TMPDIR: scratch,
    OPENCODE_DISABLE_AUTOUPDATE: 'true',
    OPENCODE_DISABLE_MODELS_FETCH: 'true',
  }
  return [versionQuestion(env), {...program(['auth', 'list'], env), read: signIn}]
}

/**
 * A list, dim at its ends: `●  Anthropic api` for what was typed at `opencode auth
 * login`, and `●  Anthropic ANTHROPIC_API_KEY` for a key of the environment.
 */
function signIn({code, stdout}: ProgramAnswer): Findings {
  if (code !== 0) return {}
  const found = [...stdout.matchAll(/^●\s+(.+?)\u001B\[90m(\S+)/gm)].map(([, name = '', how = '']) =>
    /^[A-Z][A-Z\d_]+$/.test(how) ? how : name.trim(),
  )
  if (found.length > 0) return {signedIn: true, account: found.join(', ')}
  // It may have a model without a key: one of its own vendor, or one that runs on this machine.
  return {signedIn: 'unknown', detail: 'It has no key of any provider; some models need none.'}
}
