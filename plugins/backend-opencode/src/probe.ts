import type {Findings, Host, ProgramAnswer, Question} from 'clinvk-kit/contract'

/** opencode 1.18 tells both by itself; without its updates and catalogue it asks the network for neither. */
export function probe({scratch}: Host): readonly Question[] {
  const env = {
    BUN_TMPDIR: scratch,
    OPENCODE_DISABLE_AUTOUPDATE: 'true',
    OPENCODE_DISABLE_MODELS_FETCH: 'true',
  }
  return [
    {kind: 'program', args: ['--version'], env, read: version},
    {kind: 'program', args: ['auth', 'list'], env, read: signIn},
  ]
}

function version({stdout}: ProgramAnswer): Findings {
  const [found] = /\d+\.\d+\.\d+[\w.-]*/.exec(stdout) ?? []
  return found === undefined ? {} : {version: found}
}

/** A list of providers, each with the kind of sign-in (`api`, `oauth`) or its variable: `●  Anthropic ANTHROPIC_API_KEY`. */
function signIn({code, stdout}: ProgramAnswer): Findings {
  if (code !== 0) return {}
  const found = stdout
    .replaceAll(COLOUR, '')
    .split('\n')
    .flatMap((line) => /^●\s+(.+)$/.exec(line)?.[1]?.trim() ?? [])
  if (found.length > 0) return {signedIn: true, account: found.join(', ')}
  return {
    signedIn: 'unknown',
    detail: 'It knows no provider of its own; it may have models that need no sign-in.',
  }
}

const COLOUR = /\u001B\[[\d;]*m/g
