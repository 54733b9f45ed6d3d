/** What stands in double braces: the output of the step before, or why it names none. */
export type Placeholder = {readonly text: string} & Meaning

type Meaning = {/** From 0 on. */ readonly step: number} | {readonly problem: string}

/**
 * The parts of a step's prompt: texts as they are, and placeholders. `names` are those of all steps, `index` is the
 * place of this one, from 0 on. `{{{{` stands for `{{`; braces around anything but words and dots are text.
 */
export function partsOf(
  prompt: string,
  index: number,
  names: readonly (string | undefined)[],
): (string | Placeholder)[] {
  const parts: (string | Placeholder)[] = []
  let end = 0
  for (const match of prompt.matchAll(/\{\{\{\{|\{\{\s*((?:steps\.[^{}]+?)|[\w.-]+)\s*\}\}/g)) {
    const [text, words] = match
    parts.push(prompt.slice(end, match.index))
    end = match.index + text.length
    parts.push(words === undefined ? '{{' : {text, ...meaning(words, index, names)})
  }
  return [...parts, prompt.slice(end)]
}

/** The prompt with the outputs of the steps before it, where there are some. Braces in an output mean nothing. */
export function fill(
  parts: readonly (string | Placeholder)[],
  outputOf: (step: number) => string | undefined,
): string {
  return parts
    .map((part) => {
      if (typeof part === 'string') return part
      return 'step' in part ? (outputOf(part.step) ?? part.text) : part.text
    })
    .join('')
}

function meaning(words: string, index: number, names: readonly (string | undefined)[]): Meaning {
  if (words === 'previous')
    return index > 0 ? {step: index - 1} : {problem: 'there is no step before the first one'}
  const [, name] = /^steps\.(.+)\.output$/.exec(words) ?? []
  if (name === undefined) {
    return {problem: 'use {{previous}} or {{steps.NAME.output}}; {{{{ stands for the braces themselves'}
  }
  const named = names.flatMap((other, step) => (other === name ? [step] : []))
  if (named.length > 1) return {problem: `${named.length} steps are named ${name}`}
  const step = named[0] ?? (/^\d+$/.test(name) ? Number(name) - 1 : -1)
  if (step >= 0 && step < index) return {step}
  const known = names.slice(0, index).map((other, before) => other ?? String(before + 1))
  return {
    problem:
      known.length === 0
        ? 'no step comes before this one'
        : `no step before this one has that name. Available: ${known.join(', ')}`,
  }
}
