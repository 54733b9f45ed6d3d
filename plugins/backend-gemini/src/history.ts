import {basename, dirname, join} from 'node:path'
import {grouped, timeOf} from 'clinvk-backend-sdk'
import type {ConversationAbout, Files, History} from 'clinvk-contract'
import {directoryOf, readIfThere} from './folders.js'
import {entriesIn, headerOf, mayBeOf, StoredFile} from './stored-file.js'
import {copy, renewal, write} from './write.js'

/** What Gemini CLI 0.61 has written down: a file for each start in another minute, and one for each sub-agent. */
export const history: History = {
  async conversations(files, _ask, only) {
    const paths = [...(await files.list())]
    const found = new Map<string, {paths: string[]; about: ConversationAbout}>()
    const directories = new Map<string, string | undefined>()
    for (const path of paths.filter((path) => isMain(path, only?.id)).sort(byName)) {
      const {id, startedAt} = await headerOf(path, files)
      if (id === undefined || (only && id !== only.id)) continue
      const folder = dirname(dirname(path))
      if (!directories.has(folder)) directories.set(folder, await directoryOf(folder, files))
      const {about, paths: before} = found.get(id) ?? {about: {startedAt}, paths: []}
      // One that was moved has a file in several folders.
      const cwd = directories.get(folder)
      const isAskedFor = only !== undefined && cwd === only.cwd
      found.set(id, {paths: [...before, path], about: {...about, cwd: isAskedFor ? cwd : (about.cwd ?? cwd)}})
    }

    const subAgents = grouped(paths.sort(), (path) =>
      path.endsWith('.jsonl') && basename(dirname(dirname(path))) === 'chats'
        ? basename(dirname(path))
        : undefined,
    )
    return [...found].map(([id, {about, paths: own}]) => ({
      id,
      paths: [...own, ...(subAgents.get(id) ?? [])],
      about,
    }))
  },

  async *transcript({paths}, files) {
    const stored = paths.map((path) => new StoredFile(path, files))
    const isOwn = ({path}: StoredFile) => basename(dirname(path)) === 'chats'
    const own = stored.filter((file) => isOwn(file))
    yield* entriesIn(
      own,
      stored.filter((file) => !isOwn(file)),
    )
    yield {type: 'about', about: await aboutOf(own, files)}
  },

  async deletedAt({paths: [path]}, files) {
    const age = path === undefined ? undefined : await maxAge(path, files)
    if (path === undefined || age === undefined) return undefined
    const {updatedAt} = await new StoredFile(path, files).read()
    return updatedAt === undefined ? undefined : timeOf(Date.parse(updatedAt) + age)
  },

  renewal: (now) => `${renewal(now)}\n`,
  write,
  copy,
}

function isMain(path: string, id: string | undefined): boolean {
  return id === undefined
    ? basename(dirname(path)) === 'chats' && /^session-.*\.jsonl?$/.test(basename(path))
    : mayBeOf(path, id)
}

/** Names begin with the minute, and may be the same in several folders. */
function byName(a: string, b: string): number {
  const [first, second] = basename(a) === basename(b) ? [a, b] : [basename(a), basename(b)]
  return first < second ? -1 : 1
}

async function aboutOf(stored: readonly StoredFile[], files: Files): Promise<ConversationAbout> {
  // One that was moved to another directory has a file in both.
  const [latest] = [...stored].sort((a, b) => ((a.updatedAt ?? '') < (b.updatedAt ?? '') ? 1 : -1))
  return {
    title: stored.findLast(({title}) => title !== undefined)?.title,
    cwd: latest && (await directoryOf(dirname(dirname(latest.path)), files)),
    startedAt: stored.find(({startedAt}) => startedAt !== undefined)?.startedAt,
    updatedAt: latest?.updatedAt,
    // What was lost is no more, once there is something to resume.
    state: stored.some(({isEmpty}) => !isEmpty) ? null : undefined,
  }
}

/** Milliseconds until gemini deletes a conversation that nothing is added to; undefined when it never does. */
async function maxAge(path: string, files: Files): Promise<number | undefined> {
  // JSON with comments.
  const settings = await readIfThere(join(dirname(path), '../../../settings.json'), files)
  const [, retention = ''] =
    /"sessionRetention"\s*:\s*\{([^}]*)\}/.exec(settings.replaceAll(/^\s*\/\/.*$/gm, '')) ?? []
  if (/"enabled"\s*:\s*false/.test(retention)) return undefined
  const [, given] = /"maxAge"\s*:\s*"([^"]*)"/.exec(retention) ?? []
  const [, count, unit] = /^(\d+)([dhmw])$/.exec(given ?? '30d') ?? []
  // What gemini cannot read, or is less than a day, switches it off.
  const age = Number(count) * HOURS[unit as keyof typeof HOURS] * 3_600_000
  return age >= 86_400_000 ? age : undefined
}

const HOURS = {h: 1, d: 24, w: 7 * 24, m: 30 * 24}
