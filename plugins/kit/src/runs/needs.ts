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

/** What each task needs, directly or because something that it needs does. A task that needs itself is in a circle. */
export function allNeeds(needs: readonly (readonly number[])[]): ReadonlySet<number>[] {
  return needs.map((direct) => {
    const all = new Set<number>()
    const add = (index: number) => {
      if (all.has(index)) return
      all.add(index)
      for (const next of needs[index] ?? []) add(next)
    }
    for (const index of direct) add(index)
    return all
  })
}
