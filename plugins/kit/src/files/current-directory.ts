import {Failure} from '../errors/failure.js'

/** Where the user stands, absolute. Throws a Failure of kind `usage` when that directory has been removed. */
export function currentDirectory(): string {
  try {
    return process.cwd()
  } catch {
    throw new Failure('usage', 'The current directory does not exist any more.', [
      'Change to one that does: cd',
    ])
  }
}
