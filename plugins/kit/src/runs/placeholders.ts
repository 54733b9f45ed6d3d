import type {TaskDescription} from './run-file-schema.js'

/** What the names in a task mean. */
export interface TaskLinks {
  /** The tasks that it names in `needs`, by their places from 0 on; of a step the one before it. */
  readonly needs: readonly number[]
  /** Those, and all that they need. A task that needs itself is in a circle. */
  readonly before: ReadonlySet<number>
  readonly parts: readonly (string | Placeholder)[]
}

/** Names that are none are left out. */
export function linksOf(tasks: readonly TaskDescription[], kind: 'task' | 'step'): TaskLinks[] {
  const names = namesOf(tasks)
  const needs = tasks.map(({needs: words = []}, index) => {
    if (kind === 'step') return index === 0 ? [] : [index - 1]
    const found = words.map((word) => taskNamed(word, names))
    return [...new Set(found.filter((one) => typeof one === 'number'))]
  })
  return tasks.map(({prompt}, index) => {
    const before = new Set<number>()
    const add = (other: number) => {
      if (before.has(other)) return
      before.add(other)
      needs[other]!.forEach(add)
    }
    needs[index]!.forEach(add)
    return {needs: needs[index]!, before, parts: partsOf(prompt, {kind, index, names, before})}
  })
}

/** What other tasks call them. */
export function namesOf(tasks: readonly TaskDescription[]): (string | undefined)[] {
  return tasks.map(({id, name}) => name ?? id)
}

/**
 * Which task a name means, by its place from 0 on: the name or id of a task, or its number. Undefined for none; `several`
 * where more than one has the name.
 */
export function taskNamed(
  word: string,
  names: readonly (string | undefined)[],
): number | 'several' | undefined {
  const named = names.flatMap((name, index) => (name === word ? [index] : []))
  if (named.length > 1) return 'several'
  const number = /^[1-9]\d*$/.test(word) ? Number(word) - 1 : -1
  return named[0] ?? (number >= 0 && number < names.length ? number : undefined)
}

/** What stands in double braces: something of an earlier task, or why it names nothing. */
type Placeholder = {readonly text: string} & (TaskValue | {readonly problem: string})

export interface TaskValue {
  /** From 0 on. */
  readonly task: number
  readonly field: 'output' | 'session' | 'diff' | 'json'
  /** Of `json`: the keys that lead to the value. */
  readonly keys: readonly string[]
}

/** The task of a prompt, by its place from 0 on; `before`: the tasks that have ended when it starts. */
interface PromptPlace {
  readonly kind: 'task' | 'step'
  readonly index: number
  readonly names: readonly (string | undefined)[]
  readonly before: ReadonlySet<number>
}

/**
 * The parts of a prompt: texts as they are, and placeholders. `{{{{` stands for `{{`. In a chain braces around anything
 * but words and dots are text; in other runs, which had none before, only `{{steps.…}}` and `{{tasks.…}}` are placeholders.
 */
function partsOf(prompt: string, place: PromptPlace): (string | Placeholder)[] {
  const parts: (string | Placeholder)[] = []
  let end = 0
  for (const match of prompt.matchAll(place.kind === 'step' ? IN_CHAIN : IN_TASKS)) {
    const [text, words] = match
    parts.push(prompt.slice(end, match.index))
    end = match.index + text.length
    parts.push(words === undefined ? '{{' : {text, ...meaning(words, place)})
  }
  return [...parts, prompt.slice(end)]
}

const IN_CHAIN = /\{\{\{\{|\{\{\s*((?:(?:steps|tasks)\.[^{}]+?)|[\w.-]+)\s*\}\}/g
const IN_TASKS = /\{\{\{\{(?=\s*(?:steps|tasks)\.)|\{\{\s*((?:steps|tasks)\.[^{}]+?)\s*\}\}/g

/** The prompt with the values of the tasks before it; a value that is undefined leaves the placeholder as it is. */
export async function fill(
  parts: readonly (string | Placeholder)[],
  valueOf: (value: TaskValue) => Promise<string | undefined>,
): Promise<string> {
  const texts = parts.map(async (part) => {
    if (typeof part === 'string') return part
    return 'task' in part ? ((await valueOf(part)) ?? part.text) : part.text
  })
  return (await Promise.all(texts)).join('')
}

function meaning(words: string, {before, index, kind, names}: PromptPlace): TaskValue | {problem: string} {
  if (words === 'previous' && index === 0) return {problem: 'there is no step before the first one'}
  if (words === 'previous') return {task: index - 1, field: 'output', keys: []}
  const [, name, field, path = ''] =
    /^(?:steps|tasks)\.(.+?)\.(output|session|diff|json)((?:\.[\w-]+)*)$/.exec(words) ?? []
  const keys = path.split('.').slice(1)
  if (name === undefined || (field === 'json') !== keys.length > 0) {
    const fields = 'output, session, diff or json.FIELD'
    const previous = kind === 'step' ? '{{previous}} or ' : ''
    return {
      problem: `use ${previous}{{steps.NAME.output}} (${fields}); {{{{ stands for the braces themselves`,
    }
  }
  const task = taskNamed(name, names)
  if (task === 'several')
    return {problem: `${names.filter((other) => other === name).length} ${kind}s are named ${name}`}
  if (task !== undefined && before.has(task)) return {task, field: field as TaskValue['field'], keys}
  if (kind === 'task' && task !== undefined && task !== index)
    return {problem: `this task does not wait for ${name}. Add to it: needs: [${name}]`}
  const known = [...before].sort((a, b) => a - b).map((other) => names[other] ?? String(other + 1))
  if (known.length === 0) return {problem: `no ${kind} comes before this one`}
  return {problem: `no ${kind} before this one has that name. Available: ${known.join(', ')}`}
}
