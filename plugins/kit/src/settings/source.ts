/** Where a value comes from. */
export type Source =
  | {readonly kind: 'default'}
  | {readonly kind: 'user' | 'project'; readonly file: string; readonly line: number; readonly column: number}
  | {readonly kind: 'environment'; readonly variable: string}

/** A place in a message: `/home/ada/.clinvk/config.yaml:3:5`, `CLINVK_BACKEND`. */
export function placeOf(source: Source): string {
  switch (source.kind) {
    case 'default':
      return 'default'
    case 'environment':
      return source.variable
    default:
      return `${source.file}:${source.line}:${source.column}`
  }
}
