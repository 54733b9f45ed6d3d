import {homedir} from 'node:os'
import {Failure} from 'clinvk-kit/errors/failure'
import {oneLine} from 'clinvk-kit/format/text'
import {SHORT_ID_LENGTH, shortId, type SessionFile} from '../store/session-file.js'

/** What a session is about, on one line: its name, title, first prompt or id. */
export function titleOf(session: Pick<SessionFile, 'id' | 'initial_prompt' | 'name' | 'title'>): string {
  return oneLine(session.name ?? session.title ?? session.initial_prompt ?? '') || shortId(session)
}

/** The name or title that a session was given, which is not only the beginning of its first prompt. */
export function labelOf({initial_prompt = '', name, title}: SessionFile): string | undefined {
  return name ?? (title === titleFrom(initial_prompt) ? undefined : title)
}

/** The note about a conversation of an agent that has become a session. */
export function adoption(session: SessionFile): string {
  return `This conversation of ${session.backend} is session ${shortId(session)} now.`
}

/** The title of a new session: the beginning of its first prompt. */
export function titleFrom(prompt: string): string {
  const line = oneLine(prompt.slice(0, 1000))
  if (line.length <= TITLE_LENGTH) return line
  return `${line.slice(0, TITLE_LENGTH - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}

/** A path with `~` for the home directory. */
export function shortPath(path: string): string {
  const home = homedir()
  return path === home || path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path
}

/** The short ids of the rows of a list: longer only where two of them would be the same. */
export function shortIds(sessions: readonly Pick<SessionFile, 'id'>[]): string[] {
  const groups = new Map<string, Pick<SessionFile, 'id'>[]>()
  for (const session of sessions)
    groups.set(shortId(session), [...(groups.get(shortId(session)) ?? []), session])
  return sessions.map((session) => {
    const others = groups.get(shortId(session))!.filter(({id}) => id !== session.id)
    let length = SHORT_ID_LENGTH
    while (others.some(({id}) => id.startsWith(session.id.slice(0, length))) && length < session.id.length)
      length++
    return session.id.slice(0, length)
  })
}

/** Throws a Failure for a name that could be confused with an id or a reference. */
export function checkName(name: string): void {
  if (!/^[^\s@-][^\n]{0,99}$/u.test(name) || name.trim() !== name) {
    throw new Failure('usage', `"${name}" cannot be the name of a session.`, [
      'A name is up to 100 characters on one line and does not begin with @ or -.',
    ])
  }

  if (/^[0-9a-f]{4,}$/.test(name)) {
    throw new Failure(
      'usage',
      `"${name}" cannot be the name of a session: it looks like the beginning of an id.`,
    )
  }
}

/** Throws a Failure for a tag that is empty or could not be typed again. */
export function checkTag(tag: string): void {
  if (/^[^\s,-][^\p{Cc},]{0,49}$/u.test(tag) && tag.trim() === tag) return
  throw new Failure('usage', `${JSON.stringify(tag)} cannot be a tag.`, [
    'A tag is up to 50 characters on one line, without commas, and does not begin with -.',
  ])
}

/** A text as a YAML value on one line: plain where that means the text itself, else in double quotes. */
export function yamlScalar(text: string): string {
  return PLAIN_SCALAR.test(text) && !SPECIAL_SCALAR.test(text) ? text : JSON.stringify(text)
}

const TITLE_LENGTH = 100

/** Does not begin with YAML syntax; contains no `: `, ` #` or control character, and no space at its ends. */
const PLAIN_SCALAR =
  /^(?![\s\-?:,[\]{}#&*!|>'"%@`])(?:(?!: | #)[^\u0000-\u001F\u007F-\u009F\u2028\u2029\uFEFF])*(?<![\s:])$/

/** YAML reads these as a number, a boolean, null or the end of a document. */
const SPECIAL_SCALAR =
  /^(?:|~|null|true|false|yes|no|on|off|y|n|\.{3}|[-+]?0[xob][\da-f_]+|[-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:e[-+]?\d+)?|[-+]?\.(?:inf|nan))$/i
