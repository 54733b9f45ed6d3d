import type {SearchData} from 'clinvk-kit/for-plugins/history'
import {counted, formatNumber, oneLine, quoteCommand} from 'clinvk-kit/format/text'
import {relativeTime} from 'clinvk-kit/format/time'
import {shortPath} from 'clinvk-plugin-sessions/view/labels'
import {type Hit, type Hits, MANY} from './query.js'
import type {Found} from './search-history.js'
import {marked, snippets} from './words.js'

export interface TextOptions {
  readonly words: readonly string[]
  readonly now: Date
  readonly isBold: boolean
}

/** Hits for people: under a line about each conversation what was said there, and the command that resumes it. */
export function hitsText({hits, isBeginning, total}: Hits, options: TextOptions): string {
  const {isBold, now, words} = options
  const snippet = snippets(words, isBeginning)
  const blocks = conversationsIn(hits).map((group) => {
    const lines = group.map(({role, text, turn}) => {
      const found = isBold ? marked(snippet(text), '\u001B[1m', '\u001B[22m') : snippet(text).text
      return `  ${role === 'title' ? 'title' : `${turn}, ${WHO[role]}`}: ${found}\n`
    })
    const resume = quoteCommand(['clinvk', 'resume', group[0].id])
    return `${describe(group[0], now).filter(Boolean).join('  ')}\n${lines.join('')}  ${resume}\n`
  })
  const all = total > MANY ? `more than ${formatNumber(MANY)}` : formatNumber(total)
  const shown = hits.length < total ? `${hits.length} of ${all} messages; --limit 0 shows all` : ''
  return `${blocks.join('\n')}\n${shown || counted(hits.length, 'message')}\n`
}

/** Hits for scripts. */
export function hitsJson({hits, isBeginning, total, words}: Found): SearchData {
  const snippet = snippets(words, isBeginning)
  return {
    hits: hits.map(({at, backend, directory, native, role, session, text, title, turn}) => ({
      session_id: session,
      backend,
      backend_session_id: native,
      working_dir: directory,
      title,
      turn,
      role,
      at: at === 0 ? undefined : new Date(at).toISOString(),
      snippet: snippet(text).text,
    })),
    total,
  }
}

/** Those of a conversation together, in the order of the first of each. */
export function conversationsIn(hits: readonly Hit[]): [Hit, ...Hit[]][] {
  const groups = new Map<string, [Hit, ...Hit[]]>()
  for (const hit of hits) {
    const group = groups.get(hit.id)
    if (group) group.push(hit)
    else groups.set(hit.id, [hit])
  }

  return [...groups.values()]
}

/** Age, backend, directory and title, each on one line; '' where it is unknown. */
export function describe({at, backend, directory = '', title = ''}: Hit, now: Date): string[] {
  const age = at === 0 ? '' : relativeTime(new Date(at), now)
  return [age, backend, shortPath(directory), title].map(oneLine)
}

const WHO = {user: 'you', assistant: 'agent', tool: 'tool'} as const
