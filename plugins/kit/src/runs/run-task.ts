import type {Interrupts} from '../io.js'
import {isDryRun, prepareTurn} from '../turn/prepare.js'
import type {TurnRequest} from '../turn/request.js'
import type {TurnOutput} from '../turn/context.js'
import {forwardedOutput} from '../turn/held-output.js'
import {failureResult} from '../turn/result.js'
import {runPrompt} from '../turn/run-prompt.js'
import {withoutGitVariables} from '../worktree/git.js'
import type {Worktree} from '../worktree/make.js'
import type {RunKeeper} from './keep.js'
import {type ReadyTask, taskFailure} from './prepare-tasks.js'
import type {TaskResult} from './result.js'
import type {TaskTrees} from './worktrees.js'

export interface RunTaskOptions {
  readonly interrupts: Interrupts
  readonly keeper?: RunKeeper
  /** Told when the task begins to wait for a limit of its agent, and when it continues. */
  readonly onWaiting: (isWaiting: boolean) => void
  readonly trees?: TaskTrees
}

/** Runs a task to its end; whatever happens to it is in the result. */
export async function runTask(
  ready: ReadyTask,
  results: readonly (TaskResult | undefined)[],
  {interrupts, keeper, onWaiting, trees}: RunTaskOptions,
): Promise<TaskResult> {
  const {prepared: checked, requestAfter, task} = ready
  let context = {...ready.context, output: keptOutput(ready, keeper, onWaiting)}
  const startedAt = new Date()
  let tree: Worktree | undefined
  const ended = async (result: TaskResult['result']) => {
    const endedAt = new Date()
    // The one that has answered, which may be a fallback.
    const {backend = checked.entry.name} = result
    return {task, backend, result, startedAt, endedAt, tree: tree && (await trees?.end(task, tree))}
  }
  try {
    const asked = (await requestAfter?.(results)) ?? task.request
    const next = await keeper?.earlier(asked, ready)
    if (next && 'done' in next) {
      const past = trees?.past(task)
      if (past?.end) return {...(await ended(next.done)), tree: past}
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
    const end = await runPrompt({...prepared, context}, interrupts)
    return {...(await ended(end.result)), ...end}
  } catch (error) {
    const result = {...failureResult(taskFailure(error)), backend: checked.entry.name}
    await context.output.done(result)
    return ended(result)
  }
}

/** The same output; the log gets sessions, waiting, and the answer where the result does not hold it. */
function keptOutput(
  {context: {output}, task}: ReadyTask,
  keeper: RunKeeper | undefined,
  onWaiting: (isWaiting: boolean) => void,
): TurnOutput {
  return {
    ...forwardedOutput(output),
    start(turn) {
      if (turn.sessionId !== undefined) keeper?.session(task, turn.sessionId)
      output.start(turn)
    },
    event(event) {
      if (event.type === 'text' && !output.needsContent) keeper?.text(task, event.text)
      return output.event(event)
    },
    waiting(until) {
      keeper?.waiting(task, until)
      onWaiting(until !== undefined)
      output.waiting?.(until)
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
