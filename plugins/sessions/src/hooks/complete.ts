import type {Candidate, CompleteQuestion} from 'clinvk-kit/hooks/complete'

/** Answers `complete`: sessions and tags. The store is loaded only when they are asked for. */
export default async function complete(question: CompleteQuestion): Promise<Candidate[] | undefined> {
  const [subject] = question.kind.split(':')
  if (subject === 'session') return (await import('../complete/sessions.js')).sessionCandidates(question)
  if (subject === 'tag') return (await import('../complete/tags.js')).tagCandidates(question)
  return undefined
}
