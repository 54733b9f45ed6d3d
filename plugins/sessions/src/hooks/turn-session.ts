import {existsSync, realpathSync} from 'node:fs'
import type {Config} from '@oclif/core'
import type {SessionQuestion, TurnSessionRecord} from 'clinvk-kit/turn/context'
import {type RecordOptions, turnRecord} from '../lifecycle/turn-record.js'
import {checkBackend, lastSession, resolveAny, resolveSession} from '../resolve/resolve-session.js'
import {type SessionFile, shortId} from '../store/session-file.js'
import {checkResumable, refuseRunning} from '../lifecycle/refuse.js'
import {isRunning} from '../store/status.js'
import {SessionStore} from '../store/store.js'
import {checkName} from '../view/labels.js'

/** Answers `turn:session`. Throws a Failure. */
export default async function turnSession({
  config,
  cwd,
  env,
  request,
  settings,
}: SessionQuestion & {readonly config: Config}): Promise<TurnSessionRecord> {
  const store = new SessionStore(env)
  const {auto_resume, continue_scope, default_tags} = settings.session
  const stored = {store, settings: settings.session}
  const {backend, session: asked} = request
  const here = realpathSync(cwd)

  const treeOf = async (session: SessionFile) => {
    if (!session.worktree || existsSync(session.worktree.path)) return []
    const {remadeTree} = await import('../lifecycle/session-tree.js')
    const notice = await remadeTree(session, settings, env, request)
    return notice === undefined ? [] : [notice]
  }
  const resume = async (
    session: SessionFile,
    tags: readonly string[],
    {notices = [], ...more}: {notices?: readonly string[]} & Pick<RecordOptions, 'adopts' | 'metadata'> = {},
  ) => {
    const id = shortId(session)
    const {closed_at} = session
    const directory = session.working_dir || here
    return turnRecord({
      ...stored,
      resumed: {...session, working_dir: directory},
      ...more,
      forks: parentOf(session, store),
      tags,
      notices: [
        ...notices,
        ...(await treeOf(session)),
        ...(directory === here ? [] : [`Session ${id} continues in ${directory}`]),
        ...(closed_at === undefined ? [] : [`Session ${id} was closed; it is open again.`]),
      ],
    })
  }

  switch (asked.kind) {
    case 'named': {
      const adopts = asked.adopts as SessionFile | undefined
      const session = adopts ?? resolveSession(asked.reference, store)
      checkBackend(session, backend)
      checkResumable(session)
      return resume(session, asked.tags, {adopts, metadata: asked.metadata})
    }

    case 'continue': {
      const directory = continue_scope === 'here' ? here : undefined
      return resume(lastSession(store, {backend, directory}, 'Start one: clinvk "…"'), asked.tags)
    }

    case 'fork': {
      const {at, metadata, name, reference, tags, task} = asked
      const known = asked.adopts as SessionFile | undefined
      const {isNew, session: found} = known
        ? {isNew: true, session: known}
        : await resolveAny(reference, {config, store})
      const parent = {...found, working_dir: found.working_dir || here}
      refuseRunning(parent, 'Wait until it has finished.')
      if (name !== undefined) checkName(name)
      const {working_dir: directory} = parent
      const notices = await treeOf(parent)
      if (directory !== here) notices.push(`The fork of session ${shortId(parent)} runs in ${directory}`)
      return turnRecord({
        ...stored,
        adopts: isNew ? found : undefined,
        forks: {parent, at},
        name,
        metadata,
        task,
        tags: [...default_tags, ...tags],
        notices,
      })
    }

    case 'ephemeral':
      throw new Error('an ephemeral turn has no session')
    case 'new': {
      const {fresh, metadata, name, tags, task, title} = asked
      if (auto_resume && !fresh && name === undefined && tags.length === 0) {
        const last = store.newest({backend, directory: here, resumable: true})
        if (last && !isRunning(last)) {
          const notice = `Continuing session ${shortId(last)} (session.auto_resume; --new starts another).`
          return resume(last, [], {notices: [notice]})
        }
      }

      if (name !== undefined) checkName(name)
      const allTags = [...default_tags, ...tags]
      return turnRecord({...stored, name, title, metadata, task, tags: allTags, notices: []})
    }
  }
}

/** What a fork was forked from, while its agent may not have made the copy yet. */
function parentOf({forked_at, parent_id, unconfirmed}: SessionFile, store: SessionStore) {
  const parent = unconfirmed && forked_at !== undefined && parent_id !== undefined && store.get(parent_id)
  if (!parent) return undefined
  return {parent, at: forked_at === parent.turn_count ? undefined : forked_at}
}
