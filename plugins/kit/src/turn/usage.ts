import type {Usage} from 'clinvk-contract'

/** Both together. A count that only one of them has is that of this one. */
export function addUsage({models, ...all}: Usage = {}, {models: more, ...next}: Usage = {}): Usage {
  const total: Record<string, number> = {...all}
  for (const [name, count] of Object.entries<number | undefined>(next))
    if (count !== undefined) total[name] = (total[name] ?? 0) + count
  if (!models && !more) return total
  const byModel = {...models}
  for (const [name, usage] of Object.entries(more ?? {})) byModel[name] = addUsage(byModel[name], usage)
  return {...total, models: byModel}
}

export function withTotal(usage: Usage): Usage {
  const {input_tokens: input, output_tokens: output} = usage
  return usage.total_tokens !== undefined || input === undefined || output === undefined
    ? usage
    : {...usage, total_tokens: input + output}
}
