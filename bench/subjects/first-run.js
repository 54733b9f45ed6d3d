import {rmSync} from 'node:fs'

/** The first run of a user: each is in an empty home. */
export default {
  name: 'first-run',
  rows: [
    {title: 'first run, clinvk --version', unit: 'x', most: 3.2},
    {title: 'first run, clinvk sessions list', unit: 'x', most: 3.2},
  ],
  prepare(place) {
    let run = 0
    const first = (args) => {
      const home = place.with(String(run++))
      const pair = home.pair(args)
      rmSync(home.home, {recursive: true})
      return pair
    }
    return () => [first(['--version']), first(['sessions', 'list'])]
  },
}
