import {parseLine} from 'clinvk-backend-sdk'
import type {Files, History} from 'clinvk-contract'
import {findRollout, threadFiles, timeOfId} from './rollout.js'
import {subAgentFiles} from './sub-agents.js'
import {transcript} from './transcript.js'
import {write} from './write.js'

/** How clinvk reads and makes records of codex 0.169.0, which deletes none. */
export const history: History = {
  async conversations(files, _ask, only) {
    const path = only && (await findRollout(files, only.id))
    const found = only ? new Map(path === undefined ? [] : [[only.id, path]]) : await threadFiles(files)
    const titles = found.size === 0 ? undefined : await readTitles(files)
    return [...found].map(([id, path]) => {
      const began = timeOfId(id)
      const startedAt = began === undefined ? undefined : new Date(began).toISOString()
      return {id, paths: [path], about: {startedAt, title: titles?.get(id)}}
    })
  },
  transcript,
  subAgents: ({id, paths: [path]}, files) =>
    path === undefined ? Promise.resolve([]) : subAgentFiles(id, path, files),
  write,
}

/** Names that the user has given to threads; the last one counts. */
async function readTitles(files: Files): Promise<Map<string, string>> {
  const titles = new Map<string, string>()
  for (const path of await files.list('session_index.jsonl')) {
    for await (const line of files.lines(path)) {
      const {id, thread_name: title} = parseLine(line, {id: '', thread_name: ''}) ?? {}
      if (id !== undefined && title) titles.set(id, title)
    }
  }

  return titles
}
