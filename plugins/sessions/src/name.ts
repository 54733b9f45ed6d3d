import {Failure} from 'clinvk-kit/failure'

/** Refuses a name that could not be told from an id or a reference. */
export function checkName(name: string): void {
  if (!/^[^\s@-][^\n]{0,99}$/u.test(name) || name.trim() !== name) {
    throw new Failure(
      'usage',
      `"${name}" is no name for a session: it must not begin with @ or -, nor be empty.`,
    )
  }

  if (/^[0-9a-f]{4,}$/.test(name)) {
    throw new Failure('usage', `"${name}" is no name for a session: it looks like the beginning of an id.`)
  }
}
