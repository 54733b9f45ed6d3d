import {Failure} from 'clinvk-kit/errors/failure'

/** The name of a new backend, which may be given as that of its package. Throws a Failure when it is none. */
export function backendName(given: string): string {
  const name = given.replace(/^clinvk-backend-/, '')
  if (!/^[a-z][a-z0-9-]*$/.test(name) || name.length > LONGEST) {
    throw new Failure('usage', `"${given}" is no name for a backend.`, [
      `A name has lower-case letters, digits and dashes, begins with a letter, and is at most ${LONGEST} long.`,
    ])
  }

  if (!COMMANDS.has(name)) return name
  throw new Failure('usage', `A backend cannot be named ${name}: \`clinvk backends ${name}\` is a command.`)
}

const COMMANDS: ReadonlySet<string> = new Set(['create', 'test'])
/** npm takes 214 characters, prefix included; this fits into every table. */
const LONGEST = 64
