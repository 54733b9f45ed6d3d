import {createReadStream, createWriteStream, existsSync, rmSync} from 'node:fs'
import {appendFile, mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {dirname, join, sep} from 'node:path'
import {pipeline} from 'node:stream/promises'
import {createGunzip} from 'node:zlib'
import type {BackendEntry} from 'clinvk-kit/backends/discover'
import {Failure, isFailure, messageOf} from 'clinvk-kit/errors/failure'
import {makeDirectory} from 'clinvk-kit/files/replace-file'
import {oneLine} from 'clinvk-kit/format/text'
import type {Env} from 'clinvk-kit/io'
import {directoriesOf} from 'clinvk-kit/turn/agent-files'
import {type RecordAccess, recordAccess} from '../transcript/record-access.js'
import {archiveDirectory, type ArchivedConversation, archivedConversation} from './archived.js'
import {withParents} from './archived-record.js'

/**
 * Gives an agent a conversation back that it has lost, with those that it needs. What is there is left as it is. Returns
 * how many conversations were restored; 0: the agent has all of it. Throws a Failure where that cannot be done.
 */
export async function restoreConversation(entry: BackendEntry, id: string, env: Env): Promise<number> {
  const {title} = entry.descriptor
  const found = archivedConversation(env, entry.name, id)
  if (!found)
    throw new Failure('session', `The conversation ${id} of ${title} is not in the archive.`, [SYNC])
  try {
    let restored = 0
    for (const one of withParents(found, env)) restored += Number(await restore(one, entry, env))
    return restored
  } catch (error) {
    if (isFailure(error)) throw error
    throw new Failure('session', `The conversation ${id} cannot be restored: ${messageOf(error)}`)
  }
}

async function restore(found: ArchivedConversation, entry: BackendEntry, env: Env): Promise<boolean> {
  const {cwd = '/', files: archived, id} = found
  const access = await recordAccess(entry, {cwd, env})
  if (!access) throw new Failure('refused', `The backend ${entry.name} cannot restore conversations.`)
  const {ask, files, history} = access
  const isThere = async () => (await history.conversations(files, ask, {id, cwd})).length > 0
  if (await isThere()) return false
  const fileOf = (name: string) => join(archiveDirectory(env, found.backend, id), name)
  if (archived.every(({path}) => path === ''))
    await importRecord(access, (path) => unpack(fileOf(archived[0]?.name ?? ''), path))
  else {
    for (const [index, {name, path}] of archived.entries()) {
      checkPlace(path, entry, env)
      if (existsSync(path)) continue
      await unpack(fileOf(name), path)
      // Else the agent's own clean-up would delete it again.
      if (index === 0 && path.endsWith('.jsonl') && history.renewal)
        await appendFile(path, history.renewal(new Date()))
    }
  }

  if (await isThere()) return true
  throw new Error(`${entry.descriptor.title} does not find it afterwards`)
}

/** Throws where a file does not lie in the directories of the agent. */
export function checkPlace(path: string, {descriptor}: BackendEntry, env: Env): void {
  if (!directoriesOf(descriptor.directories ?? [], env).some((place) => path.startsWith(place + sep)))
    throw new Error(`${path} lies outside the directories of the agent`)
}

/** Has an agent import the conversation that `write` writes to a file. Throws what the agent says. */
export async function importRecord(
  {ask, history}: RecordAccess,
  write: (path: string) => Promise<void>,
): Promise<void> {
  if (!history.importProgram) throw new Error('its agent imports nothing')
  const directory = await mkdtemp(join(tmpdir(), 'clinvk-'))
  try {
    const path = join(directory, 'conversation.json')
    await write(path)
    const answer = await ask(history.importProgram(path))
    const said = answer?.stderr.trim().split('\n\n').at(-1) ?? ''
    if (answer?.code !== 0)
      throw new Error(oneLine(said.slice(0, SAID_LENGTH)) || 'the agent gives no answer')
  } finally {
    await rm(directory, {recursive: true, force: true})
  }
}

/** Never over a file that is there. */
async function unpack(archived: string, path: string): Promise<void> {
  makeDirectory(dirname(path))
  try {
    await pipeline(
      createReadStream(archived),
      createGunzip(),
      createWriteStream(path, {flags: 'wx', mode: 0o600}),
    )
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') rmSync(path, {force: true})
    throw error
  }
}

const SYNC = 'What is archived: clinvk history'
/** Characters of what an agent says about an import that failed. */
const SAID_LENGTH = 500
