import type {Interrupts} from '../io.js'
import type {TurnOutput} from '../turn/context.js'
import {isDryRun, prepareTurn} from '../turn/prepare.js'
import type {TurnRequest} from '../turn/request.js'
import {forwardedOutput} from '../turn/held-output.js'
import {failureResult, type TurnResult} from '../turn/result.js'
import {runPrompt} from '../turn/run-prompt.js'
import {withoutGitVariables} from '../worktree/git.js'
import type {Worktree} from '../worktree/make.js'
import {type ReadyTask, taskFailure} from './prepare-tasks.js'
import type {TaskResult} from './result.js'
import type {Run} from './run.js'

/**
 * Runs a task to its end; whatever happens to it is in the result. `onWaiting` is told when it begins to wait for a limit
 * of its agent, and when it continues.
 */
export async function runTask(
  ready: ReadyTask,
  results: readonly (TaskResult | undefined)[],
  run: Run,
  interrupts: Interrupts,
  onWaiting: (isWaiting: boolean) => void,
): Promise<TaskResult> {
  const {id, kept, trees, view} = run
  const {before, prepared: checked, requestAfter, task} = ready
  const {number} = task
  const {longAnswer, output} = loggedOutput(ready, run, onWaiting)
  let context = {...ready.context, output}
  const startedAt = new Date()
  let tree: Worktree | undefined
  const ended = async (result: TurnResult, more: Partial<TaskResult> = {}): Promise<TaskResult> => {
    const endedAt = new Date()
    // The one that has answered, which may be a fallback.
    const {backend = checked.entry.name} = result
    const left = tree && (await trees?.end(task, tree))
    // A task that was cancelled is not done.
    if (kept && result.outcome !== 'cancelled') {
      const content = kept.keepsAnswers ? result.content || longAnswer() : ''
      const about = {backend, started_at: startedAt.toISOString(), result: {...result, content}}
      await kept.log.add({type: 'done', task: number, ...about})
    }
    return {task, backend, result, startedAt, endedAt, tree: left, ...more}
  }
  try {
    await kept?.log.add({type: 'started', task: number, backend: checked.entry.name})
    const asked = (await requestAfter?.(results)) ?? task.request
    const next =
      kept && before?.startedAt !== undefined
        ? await (
            await import('./earlier-try.js')
          ).earlierTry(asked, {...ready, before}, {...kept, run: id, view})
        : undefined
    if (next && 'done' in next) {
      const past = trees?.past(task)
      if (past?.end) return await ended(next.done, {tree: past})
      tree = past
      return await ended(next.done)
    }
    let request = next?.request ?? asked
    if (trees && task.hasWorktree && !isDryRun(request, context.settings)) {
      tree = await trees.begin(task, interrupts.stop)
      request = requestIn(tree, request)
      context = {...context, env: withoutGitVariables(context.env)}
    }
    const prepared = (requestAfter ?? next ?? tree) ? await prepareTurn(request, context) : checked
    const {dryRun, result} = await runPrompt({...prepared, context}, interrupts)
    return await ended(result, {dryRun})
  } catch (error) {
    const result = {...failureResult(taskFailure(error)), backend: checked.entry.name}
    await context.output.done(result)
    return ended(result)
  }
}

/**
 * The output of a task, which also writes what happens into the log of the run. `longAnswer`: what it has answered so far,
 * where its result does not hold that.
 */
function loggedOutput(
  {context: {output}, task}: ReadyTask,
  {kept, outputDir, view}: Run,
  onWaiting: (isWaiting: boolean) => void,
): {output: TurnOutput; longAnswer: () => string} {
  const {number} = task
  const needsContent = output.needsContent || view.keepsContent || outputDir !== undefined || task.isNeeded
  let answer = ''
  return {
    longAnswer: () => answer,
    output: {
      ...forwardedOutput(output),
      needsContent,
      start(turn) {
        if (turn.sessionId !== undefined)
          void kept?.log.add({type: 'session', task: number, session_id: turn.sessionId})
        output.start(turn)
      },
      event(event) {
        if (event.type === 'text' && !needsContent && kept?.keepsAnswers)
          answer += event.text.slice(0, LARGEST_ANSWER - answer.length)
        return output.event(event)
      },
      waiting(until) {
        const at = until === undefined ? undefined : new Date(until).toISOString()
        void kept?.log.add({type: 'waiting', task: number, until: at})
        onWaiting(until !== undefined)
        output.waiting?.(until)
      },
    },
  }
}

/** The same in a work tree, which its session keeps; a session that continues has it already. */
function requestIn({base, branch, cwd, path, repository}: Worktree, request: TurnRequest): TurnRequest {
  const {session} = request
  if (session.kind !== 'new' && session.kind !== 'ephemeral') return request
  if (session.kind === 'ephemeral') return {...request, workdir: cwd}
  const task = session.task && {...session.task, worktree: {repository, path, branch, base}}
  return {...request, workdir: cwd, session: {...session, task}}
}

/** Characters of an answer that only the log keeps. */
const LARGEST_ANSWER = 4 * 1024 * 1024
