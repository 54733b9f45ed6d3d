import {readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'

/**
 * Gives a place `count` sessions: one that clinvk makes, and copies of it, each a minute older than the
 * last, in fifty directories, every tenth with a name.
 */
export function fillStore(place, count) {
  place.clinvk(['-b', 'echo', 'Add a test for the parser of dates'])
  const directory = join(place.home, '.clinvk/sessions')
  const [name] = readdirSync(directory).filter((file) => file.endsWith('.json'))
  const session = JSON.parse(readFileSync(join(directory, name), 'utf8'))
  for (let copy = 1; copy < count; copy++) {
    const fields = {
      id: copyId(session.id, copy),
      last_used: new Date(Date.parse(session.last_used) - copy * 60_000).toISOString(),
      working_dir: `/srv/project-${copy % 50}`,
      ...(copy % 10 === 5 ? {name: `name-${copy}`} : {}),
    }
    writeFileSync(join(directory, `${fields.id}.json`), JSON.stringify({...session, ...fields}, undefined, 2))
  }

  return session.id
}

/** The id of the copy with this number: as different from the next one's as ids are. */
export function copyId(id, copy) {
  const digits = (copy * 2_654_435_761) % 2 ** 32
  return digits.toString(16).padStart(8, '0') + id.slice(8)
}
