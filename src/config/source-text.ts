import type {Source} from 'clinvk-kit/settings/source'

/** Where a value comes from, for people. */
export function sourceText(source: Source): string {
  switch (source.kind) {
    case 'default':
      return 'default'
    case 'environment':
      return source.variable
    case 'user':
      return `user file, line ${source.line}`
    case 'project':
      return `project file, line ${source.line}`
  }
}

/** The same for programs. */
export function sourceJson(source: Source): object {
  const {kind, ...details} = source
  return {source: kind, ...details}
}
