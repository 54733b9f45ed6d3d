/** What stands in double braces: the output of a step before this one. */
export type Placeholder = {readonly text: string} & (
  | {readonly kind: 'output'; /** From 0 on. */ readonly step: number}
  | {readonly kind: 'wrong'; /** Why it names nothing, and what to do. */ readonly why: string}
)

/**
 * The parts of a step's prompt: texts as they are, and placeholders. `names` are
 * those of all steps, `index` is the place of this one, from 0 on. `{{{{` is `{{`
 * itself; braces around anything but words and dots are left as they are.
 */
export function partsOf(
  prompt: string,
  index: number,
  names: readonly (string | undefined)[],
): (string | Placeholder)[] {
  const parts: (string | Placeholder)[] = []
  let end = 0
  for (const match of prompt.matchAll(/\{\{\{\{|\{\{\s*((?:steps\.[^{}]+?)|[\w.-]+)\s*\}\}/g)) {
    parts.push(prompt.slice(end, match.index))
    end = match.index + match[0].length
    const [text, words] = match
    parts.push(words === undefined ? '{{' : {text, ...meaning(words, index, names)})
  }

  return [...parts, prompt.slice(end)].filter((part) => part !== '')
}

/** The prompt with what the steps before it have said, where they have; in one go, so that braces in an answer mean nothing. */
export function fill(
  parts: readonly (string | Placeholder)[],
  outputOf: (step: number) => string | undefined,
): string {
  return parts
    .map((part) =>
      typeof part === 'string'
        ? part
        : part.kind === 'output'
          ? (outputOf(part.step) ?? part.text)
          : part.text,
    )
    .join('')
}

function meaning(
  words: string,
  index: number,
  names: readonly (string | undefined)[],
): {kind: 'output'; step: number} | {kind: 'wrong'; why: string} {
  if (words === 'previous') {
    return index > 0
      ? {kind: 'output', step: index - 1}
      : {kind: 'wrong', why: 'there is no step before the first one'}
  }

  const [, name] = /^steps\.(.+)\.output$/.exec(words) ?? []
  if (name === undefined) {
    return {
      kind: 'wrong',
      why: 'there are {{previous}} and {{steps.NAME.output}}; {{{{ stands for the braces themselves',
    }
  }

  const named = names.flatMap((other, step) => (other === name ? [step] : []))
  const [step] = named.length > 0 ? named : /^\d+$/.test(name) ? [Number(name) - 1] : []
  if (named.length > 1) return {kind: 'wrong', why: `${named.length} steps are named ${name}`}
  if (step !== undefined && step >= 0 && step < index) return {kind: 'output', step}
  const known = names.slice(0, index).map((other, before) => other ?? String(before + 1))
  return {
    kind: 'wrong',
    why:
      known.length === 0
        ? 'no step comes before this one'
        : `no step before this one has that name; there are: ${known.join(', ')}`,
  }
}
