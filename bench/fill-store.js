import {readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {timeNode} from './time-node.js'

/** Gives a home `count` sessions: one that clinvk makes, and copies of it, a minute apart. */
export function fillStore(clinvk, home, count) {
  timeNode([clinvk, '-b', 'echo', 'Add a test for the parser of dates'], home)
  const directory = join(home, '.clinvk/sessions')
  const [name] = readdirSync(directory).filter((file) => file.endsWith('.json'))
  const session = JSON.parse(readFileSync(join(directory, name), 'utf8'))
  for (let copy = 1; copy < count; copy++) {
    const id = copy.toString(16).padStart(4, '0') + session.id.slice(4)
    const last_used = new Date(Date.parse(session.last_used) - copy * 60_000).toISOString()
    writeFileSync(join(directory, `${id}.json`), JSON.stringify({...session, id, last_used}, undefined, 2))
  }
}
