import type {Findings, Host, ProgramAnswer, Question} from 'clinvk-contract'
import {signIn} from './sign-in.js'
import {UNNESTED} from './unnested.js'

/** Gemini CLI 0.61.0 tells its version, but has no command that tells whether it is signed in. */
export function probe({env, scratch}: Host): readonly Question[] {
  return [
    {
      kind: 'program',
      args: ['--version'],
      // In its own home it would leave a temporary file behind each time.
      env: {...UNNESTED, GEMINI_CLI_HOME: scratch, GEMINI_CLI_NO_RELAUNCH: 'true'},
      read: version,
    },
    {kind: 'files', read: (files) => signIn(files, env)},
  ]
}

function version({stdout}: ProgramAnswer): Findings {
  const [found] = /\d+\.\d+\.\d+[\w.-]*/.exec(stdout) ?? []
  return found === undefined ? {} : {version: found}
}
