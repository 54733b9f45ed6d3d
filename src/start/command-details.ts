import {readFileSync} from 'node:fs'

interface Details {
  readonly args: unknown
  readonly description?: unknown
  readonly examples?: unknown
  readonly flags: unknown
  readonly usage?: unknown
}

/**
 * Gives a command, as the build has written it down, what it lacks: that is read from
 * `file` when somebody looks at it. It is two thirds of all that is known of commands, and only
 * their help and completion look at it.
 */
export function withDetails(file: string): (command: {id: string}) => void {
  let all: Readonly<Record<string, Details>> | undefined
  const keys = ['args', 'description', 'examples', 'flags', 'usage'] as const
  const properties: PropertyDescriptorMap = {}
  for (const key of keys) {
    properties[key] = {
      configurable: true,
      enumerable: true,
      get(this: {id: string}) {
        all ??= JSON.parse(readFileSync(file, 'utf8')) as Record<string, Details>
        // Help writes ids as users do.
        return all[this.id.replaceAll(' ', ':')]?.[key]
      },
    }
  }

  return (command) => {
    if (!('flags' in command)) Object.defineProperties(command, properties)
  }
}
