import fs from 'node:fs'
import {syncBuiltinESMExports} from 'node:module'

/** What changes something on a disk. What lies between two of these leaves the same as the one before it. */
const CHANGES =
  'appendFileSync fsync mkdirSync openSync renameSync rmdirSync rmSync unlinkSync utimesSync writeFileSync writeSync'.split(
    ' ',
  )
const original = {...fs}

/**
 * Calls `act` before every step of a program that changes something on a disk,
 * with its number and its name, until it is called itself.
 */
export function beforeEachStep(act) {
  let number = 0
  for (const name of CHANGES) {
    fs[name] = (...args) => {
      const [, flags = 'r'] = args
      const isReading =
        name === 'openSync' && (flags === 'r' || (typeof flags === 'number' && (flags & 3) === 0))
      if (!isReading) act(++number, name, args)
      return original[name](...args)
    }
  }

  syncBuiltinESMExports()
  return () => {
    for (const name of CHANGES) fs[name] = original[name]
    syncBuiltinESMExports()
  }
}
