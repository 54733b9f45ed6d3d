import {oneLine} from 'clinvk-kit/format/one-line'
import {originText, type Candidate} from './candidate.js'
import {isOfficial, nearOfficial} from './official.js'

/** What a user should know before a stranger's plugin comes in: one fact a line. */
export function facts(candidate: Candidate, replaces: readonly string[] = [], withScripts = false): string[] {
  const {deprecated, dependencies, name, origin, scripts} = candidate
  const near = nearOfficial(name)
  return [
    `from         ${originText(origin)}`,
    ...(origin.kind === 'registry' ? publisherFacts(candidate) : []),
    ...(candidate.repository === undefined ? [] : [`repository   ${candidate.repository}`]),
    `dependencies ${dependencies === 0 ? 'none' : dependencies}`,
    ...(scripts.length === 0 ? [] : [`scripts      ${scripts.join(', ')}: ${scriptsText(withScripts)}`]),
    ...replaces.map((sentence) => `replaces     ${sentence}`),
    ...(deprecated === undefined ? [] : [`deprecated   ${deprecated}`]),
    ...(isOfficial(name)
      ? ['careful      it has an official name, but does not come from the registry']
      : []),
    ...(near === undefined ? [] : [`careful      the official plugin is ${near}`]),
  ].map((line) => oneLineKeepingColumns(line))
}

/** What it means to say yes. */
export const MEANING = 'A plugin runs code of its author with all your rights, whenever you use clinvk.'

function publisherFacts({maintainers, publishedAt, publisher}: Candidate): string[] {
  const date = publishedAt === undefined ? '' : `, ${publishedAt.slice(0, 10)}`
  return [
    `published by ${publisher ?? 'the registry does not tell'}${date}`,
    ...(maintainers.length === 0 ? [] : [`maintainers  ${maintainers.join(', ')}`]),
  ]
}

function scriptsText(areAllowed: boolean): string {
  return areAllowed ? 'they run while it is installed' : 'they will not run'
}

/** What a registry tells is somebody else's text. */
function oneLineKeepingColumns(line: string): string {
  return `${line.slice(0, COLUMN)}${oneLine(line.slice(COLUMN))}`
}

const COLUMN = 13
