import {createReadStream, createWriteStream, existsSync, mkdtempSync, rmSync} from 'node:fs'
import {appendFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {dirname, join, sep} from 'node:path'
import {pipeline} from 'node:stream/promises'
import {createGunzip} from 'node:zlib'
import type {History} from 'clinvk-contract'
import {askAgent} from 'clinvk-kit/backends/ask-agent'
import type {BackendEntry} from 'clinvk-kit/backends/discover'
import {Failure, isFailure, messageOf} from 'clinvk-kit/errors/failure'
import {makeDirectory} from 'clinvk-kit/files/replace-file'
import type {Env} from 'clinvk-kit/io'
import {agentFiles, directoriesOf} from 'clinvk-kit/turn/agent-files'
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
  const {history} = await entry.load()
  if (!history) throw new Failure('refused', `The backend ${entry.name} cannot restore conversations.`)
  try {
    let restored = 0
    for (const one of withParents(found, env)) restored += Number(await restore(one, history, entry, env))
    return restored
  } catch (error) {
    if (isFailure(error)) throw error
    throw new Failure('session', `The conversation ${id} cannot be restored: ${messageOf(error)}`)
  }
}

async function restore(
  found: ArchivedConversation,
  history: History,
  entry: BackendEntry,
  env: Env,
): Promise<boolean> {
  const {cwd = '/', id} = found
  const {descriptor} = entry
  const files = agentFiles(descriptor.directories ?? [], env)
  const ask = askAgent(entry, {cwd, env})
  const isThere = async () => (await history.conversations(files, ask, {id, cwd})).length > 0
  if (await isThere()) return false
  if (found.files.every(({path}) => path === '')) await importExported(found, history, ask, env)
  else {
    const places = directoriesOf(descriptor.directories ?? [], env)
    for (const [index, {name, path}] of found.files.entries()) {
      if (!places.some((place) => path.startsWith(place + sep)))
        throw new Error(`${path} lies outside the directories of the agent`)
      if (existsSync(path)) continue
      const archived = join(archiveDirectory(env, found.backend, id), name)
      await unpack(archived, path)
      // Else the agent's own clean-up would delete it again.
      if (index === 0 && path.endsWith('.jsonl') && history.renewal)
        await appendFile(path, history.renewal(new Date()))
    }
  }

  if (await isThere()) return true
  throw new Error(`${descriptor.title} does not find it afterwards`)
}

async function importExported(
  {backend, files: [file], id}: ArchivedConversation,
  history: History,
  ask: ReturnType<typeof askAgent>,
  env: Env,
): Promise<void> {
  if (!file || !history.importProgram) throw new Error('its agent imports nothing')
  const directory = mkdtempSync(join(tmpdir(), 'clinvk-'))
  try {
    const path = join(directory, 'conversation.json')
    await unpack(join(archiveDirectory(env, backend, id), file.name), path)
    const answer = await ask(history.importProgram(path))
    if (answer?.code !== 0)
      throw new Error(answer?.stderr.trim().split('\n').at(-1) || 'the agent gives no answer')
  } finally {
    rmSync(directory, {recursive: true, force: true})
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
