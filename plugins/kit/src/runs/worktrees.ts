import {existsSync, mkdirSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {counted} from '../format/text.js'
import type {Env} from '../io.js'
import type {Surroundings} from '../turn/surroundings.js'
import {diffOf, patchOf} from '../worktree/changes.js'
import {finishWorktree} from '../worktree/finish.js'
import {setUpWorktree} from '../worktree/set-up.js'
import {lockWorktree, makeWorktree, markOf, remakeWorktree, type Worktree} from '../worktree/make.js'
import {findRepository, type Repository} from '../worktree/repository.js'
import type {PastTask} from './store/past.js'
import type {RunFlags, RunFolder} from './store/run-folder.js'
import type {RunLog} from './store/run-log.js'
import type {TaskTree} from './store/task-tree.js'
import type {Task} from './task.js'

export type TaskTrees = ReturnType<typeof taskTrees>

export interface TreeOptions {
  readonly run: string
  readonly context: Surroundings
  readonly flags: RunFlags
  readonly folder: RunFolder
  /** Gets what there is of a tree, at each step of it; undefined: nothing is run. */
  readonly log: RunLog | undefined
  readonly past: ReadonlyMap<number, PastTask>
  readonly notice: (message: string) => void
}

export function taskTrees({context, flags, folder, log, notice, past: pastOf, run}: TreeOptions) {
  const {env} = context.io
  const {root, setup} = context.settings.worktree
  const copiesChanges = flags['worktree-dirty'] === 'copy'
  const repositories = new Map<string, Promise<Repository>>()
  const repositoryOf = (directory: string) => {
    const found = repositories.get(directory) ?? findRepository(directory, env, flags.base)
    repositories.set(directory, found)
    return found
  }
  /** The tree that a task had in an earlier try. */
  const past = ({number}: Task) => pastOf.get(number)?.worktree
  const keep = async ({number: task}: Task, worktree: TaskTree) =>
    log?.add({type: 'worktree', task, worktree})
  const setUp = async (task: Task, tree: Worktree, top: string | undefined, stop: AbortSignal) => {
    await lockWorktree(tree, env)
    try {
      const ready = await setUpWorktree(tree, {
        env,
        top,
        setup,
        log: join(folder.path, `setup-${task.number}.txt`),
        stop,
        notice: (message) => notice(`${task.title}: ${message}`),
        copiesChanges: copiesChanges && tree.start === undefined,
      })
      await keep(task, ready)
      return ready
    } catch (error) {
      await end(task, tree)
      throw error
    }
  }
  const end = async (task: Task, tree: Worktree) => {
    const ended = {...tree, end: await finishWorktree(tree, env)}
    await keep(task, ended)
    return ended
  }
  const told = new Set<string | undefined>()
  return {
    past,
    end,
    /** Throws a Failure where a task can have none. */
    async check(directory: string) {
      const {top, uncommitted} = await repositoryOf(directory)
      if (uncommitted === 0 || copiesChanges || told.has(top)) return
      told.add(top)
      notice(
        `${counted(uncommitted, 'uncommitted change')} ${uncommitted === 1 ? 'is' : 'are'} not in the worktrees. To take them along: --worktree-dirty copy`,
      )
    },
    /** That of a task, locked until `end`. Throws a Failure. */
    async begin(task: Task, stop: AbortSignal) {
      const repository = await repositoryOf(task.request.workdir!)
      const before = past(task)
      if (before?.ready) {
        const {end: _, ...known} = before
        await keep(task, known)
        if (existsSync(known.path)) {
          await lockWorktree(known, env)
          return known
        }
        await remakeWorktree(known, env)
        mkdirSync(known.cwd, {recursive: true})
        return setUp(task, known, repository.top, stop)
      }
      // Its set-up did not end: what is in it is for the user to look at.
      if (before && !before.end && existsSync(before.path)) {
        const left = await end(task, before)
        // No session has begun in it.
        if (left.end.isRemoved) rmSync(markOf(before.path), {force: true})
      }
      const planned = (made: Worktree) => keep(task, made)
      const tree = await makeWorktree(repository, {env, label: task.label, planned, root, run})
      return setUp(task, tree, repository.top, stop)
    },
  }
}

/** What a task has changed, for the prompt of another one; '' where it has changed nothing. Throws a Failure. */
export async function diffText(tree: TaskTree, env: Env): Promise<string> {
  return tree.end?.isRemoved ? '' : (await patchOf(await diffOf(tree, env))).toString()
}
