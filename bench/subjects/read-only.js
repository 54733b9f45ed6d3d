import {chmodSync} from 'node:fs'

/** A home where nothing can be written, also no temporary file. */
export default {
  name: 'read-only',
  rows: [
    {title: 'caches cannot be written, clinvk --version', unit: 'x', most: 2.5},
    {title: 'caches cannot be written, clinvk sessions list', unit: 'x', most: 2.5},
  ],
  prepare(place) {
    const home = closed(place.home)
    const env = place.env()
    place.env = () => ({...env, HOME: home, TMPDIR: home})
    return () => [place.pair(['--version']), place.pair(['sessions', 'list'])]
  },
}

/** Root writes whatever the rights say, but makes no directories among the kernel's objects either. */
function closed(home) {
  if (process.getuid() === 0) return '/sys'
  chmodSync(home, 0o500)
  return home
}
