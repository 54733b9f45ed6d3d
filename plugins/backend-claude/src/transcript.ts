import {basename, sep} from 'node:path'
import type {Files} from 'clinvk-contract'
import type {TokenCounts} from './messages.js'

/** A line of claude's own file of a conversation (seen with 2.1.197), as far as clinvk reads it. */
export interface TranscriptLine {
  type?: string
  uuid?: string
  /** The same for all that follows from one prompt. */
  promptId?: string
  /** ISO 8601. */
  timestamp?: string
  /** Said by a sub-agent. */
  isSidechain?: boolean
  /** Written by claude itself in the user's name. */
  isMeta?: boolean
  isCompactSummary?: boolean
  /** Of a `user` line that is no prompt but what a tool gave back. */
  toolUseResult?: unknown
  message?: {id?: string; model?: string; usage?: TokenCounts}
}

/** `projects/<directory>/<id>.jsonl`, and for each sub-agent a file in `projects/<directory>/<id>/subagents`. */
export interface Transcript {
  readonly main: readonly TranscriptLine[]
  readonly subAgents: readonly TranscriptLine[]
}

/** Undefined when claude has no such conversation. */
export async function readTranscript(id: string, files: Files): Promise<Transcript | undefined> {
  const paths = (await files.list('projects')).filter((path) => path.endsWith('.jsonl'))
  const main = paths.filter((path) => basename(path) === `${id}.jsonl`)
  if (main.length === 0) return undefined
  const subAgents = paths.filter((path) => path.includes(`${sep}${id}${sep}subagents${sep}`))
  return {main: await readLines(main, files), subAgents: await readLines(subAgents, files)}
}

async function readLines(paths: readonly string[], files: Files): Promise<TranscriptLine[]> {
  const texts = await Promise.all(paths.map((path) => files.read(path)))
  return texts.flatMap((text) =>
    text
      .split('\n')
      // A long conversation has megabytes, most of it in lines of other types.
      .filter((line) => USED.test(line))
      .flatMap((line) => parse(line) ?? []),
  )
}

/** The last line of a claude that was killed may be torn. */
function parse(line: string): TranscriptLine | undefined {
  try {
    return JSON.parse(line) as TranscriptLine
  } catch {
    return undefined
  }
}

const USED = /"type":"(?:user|assistant)"/
