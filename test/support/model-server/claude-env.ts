import {join} from 'node:path'

/**
 * The whole environment for running claude against a model server, made from nothing, so that no setting and no
 * credential of this machine gets in. `home` is a directory of the test's own, `path` the value of PATH.
 * As root, `--dangerously-skip-permissions` needs IS_SANDBOX=1 besides.
 */
export function claudeEnv({
  url,
  home,
  path,
}: {
  url: string
  home: string
  path: string
}): Record<string, string> {
  return {
    PATH: path,
    HOME: home,
    TMPDIR: join(home, 'tmp'),
    LANG: 'C.UTF-8',
    TERM: 'dumb',
    // Else claude takes zsh where there is one, which takes patterns in another way.
    SHELL: '/bin/bash',
    ANTHROPIC_API_KEY: 'invented-key-of-the-tests',
    ANTHROPIC_BASE_URL: url,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    DISABLE_ERROR_REPORTING: '1',
    DISABLE_TELEMETRY: '1',
  }
}
