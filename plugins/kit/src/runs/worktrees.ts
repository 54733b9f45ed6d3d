import {existsSync, mkdirSync, rmSync} from 'node:fs'
import {counted} from '../format/text.js'
import type {Env} from '../io.js'
import type {Settings} from '../settings/settings.js'
import {diffOf, patchOf} from '../worktree/changes.js'
import {finishWorktree} from '../worktree/finish.js'
import {furnishWorktree} from '../worktree/furnish.js'
import {lockWorktree, makeWorktree, markOf, remakeWorktree, type Worktree} from '../worktree/make.js'
import {findRepository, type Repository} from '../worktree/repository.js'
import type {TaskTree} from './store/task-tree.js'
import type {Task} from './task.js'

/** The work trees of a run's tasks. */
export interface TaskTrees {
  /** Throws a Failure where a task can have none. */
  check(directory: string): Promise<void>
  /** That of an earlier try. */
  past(task: Task): TaskTree | undefined
  /** That of a task, locked until `end`. Throws a Failure. */
  begin(task: Task, stop: AbortSignal): Promise<Worktree>
  end(task: Task, tree: Worktree): Promise<TaskTree>
}

export interface TreeOptions {
  readonly run: string
  readonly env: Env
  readonly settings: Settings
  /** Where trees start; absent: the commit that is checked out. */
  readonly base?: string
  readonly copiesChanges: boolean
  readonly past: (task: Task) => TaskTree | undefined
  /** Writes down what there is of a tree; called at each step. */
  readonly keep: (task: Task, tree: TaskTree) => Promise<void>
  /** The file that gets what the set-up of a task prints. */
  readonly logOf: (task: Task) => string
  readonly notice: (message: string) => void
}

export function taskTrees({env, keep, logOf, notice, past, settings, ...options}: TreeOptions): TaskTrees {
  const {base, copiesChanges, run} = options
  const {root, setup} = settings.worktree
  const repositories = new Map<string, Promise<Repository>>()
  const repositoryOf = (directory: string) => {
    const found = repositories.get(directory) ?? findRepository(directory, env, base)
    repositories.set(directory, found)
    return found
  }
  const furnish = async (task: Task, tree: Worktree, top: string | undefined, stop: AbortSignal) => {
    await lockWorktree(tree, env)
    try {
      const log = logOf(task)
      const say = (message: string) => notice(`${task.title}: ${message}`)
      const how = {
        env,
        top,
        setup,
        log,
        stop,
        notice: say,
        copiesChanges: copiesChanges && tree.start === undefined,
      }
      const ready = await furnishWorktree(tree, how)
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
    async check(directory) {
      const {top, uncommitted} = await repositoryOf(directory)
      if (uncommitted === 0 || copiesChanges || told.has(top)) return
      told.add(top)
      notice(
        `${counted(uncommitted, 'uncommitted change')} ${uncommitted === 1 ? 'is' : 'are'} not in the worktrees. To take them along: --worktree-dirty copy`,
      )
    },
    async begin(task, stop) {
      const repository = await repositoryOf(task.request.workdir!)
      const {end: before, ...known} = past(task) ?? {}
      if (isTree(known) && known.ready) {
        if (existsSync(known.path)) {
          await keep(task, known)
          await lockWorktree(known, env)
          return known
        }
        await keep(task, known)
        await remakeWorktree(known, env)
        mkdirSync(known.cwd, {recursive: true})
        return furnish(task, known, repository.top, stop)
      }
      // Its set-up did not end: what is in it is for the user to look at.
      if (isTree(known) && !before && existsSync(known.path)) {
        const left = await end(task, known)
        // No session has begun in it.
        if (left.end.isRemoved) rmSync(markOf(known.path), {force: true})
      }
      const planned = (tree: Worktree) => keep(task, tree)
      const tree = await makeWorktree(repository, {env, label: task.label, planned, root, run})
      return furnish(task, tree, repository.top, stop)
    },
  }
}

/** What a task has changed, for the prompt of another one; '' where it has changed nothing. Throws a Failure. */
export async function diffText(tree: TaskTree, env: Env): Promise<string> {
  return tree.end?.isRemoved ? '' : (await patchOf(await diffOf(tree, env))).toString()
}

function isTree(tree: Partial<Worktree>): tree is Worktree {
  return tree.path !== undefined
}
