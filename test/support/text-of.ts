/** Text of exactly so many bytes, no two lines alike. */
export function textOf(size: number): string {
  const lines: string[] = []
  for (let length = 0; length < size; length += lines.at(-1)!.length)
    lines.push(`line ${lines.length}, and more\n`)
  return lines.join('').slice(0, size).replace(/\s$/, '.')
}
