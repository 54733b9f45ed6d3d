import {existsSync, mkdirSync} from 'node:fs'
import {Failure} from 'clinvk-kit/errors/failure'
import type {Env} from 'clinvk-kit/io'
import type {Settings} from 'clinvk-kit/settings/settings'
import {isDryRun} from 'clinvk-kit/turn/prepare'
import type {TurnRequest} from 'clinvk-kit/turn/request'
import {type SessionFile, shortId} from '../store/session-file.js'

/**
 * Makes the work tree of a session again that was removed because nothing had changed in it; returns a sentence about
 * that. Throws a Failure where it has gone otherwise, and in a dry run.
 */
export async function remadeTree(
  session: Pick<SessionFile, 'id' | 'working_dir' | 'worktree'>,
  settings: Settings,
  env: Env,
  request?: TurnRequest,
): Promise<string | undefined> {
  const {working_dir: cwd, worktree} = session
  if (!worktree || existsSync(worktree.path)) return undefined
  const {path} = worktree
  if (request && isDryRun(request, settings))
    throw new Failure(
      'session',
      `A dry run does not make the worktree of session ${shortId(session)} again: ${path}`,
    )
  const {remakeWorktree} = await import('clinvk-kit/worktree/make')
  await remakeWorktree(worktree, env)
  mkdirSync(cwd, {recursive: true})
  const {setUpWorktree} = await import('clinvk-kit/worktree/set-up')
  const top = existsSync(`${worktree.repository}/.git`) ? worktree.repository : undefined
  const notices: string[] = []
  await setUpWorktree(
    {...worktree, cwd},
    {
      env,
      top,
      setup: settings.worktree.setup,
      copiesChanges: false,
      log: `${path}.log`,
      notice: (message) => notices.push(message),
    },
  )
  return [`The worktree was made again: ${path}`, ...notices].join(' ')
}
