/** Does `text` contain `match`? (`search`, because `test` remembers where a global expression was.) */
export function matches(match: string | RegExp, text: string): boolean {
  return typeof match === 'string' ? text.includes(match) : text.search(match) >= 0
}
