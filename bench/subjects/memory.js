import {fillStore} from '../fill-store.js'

/** What `sessions list` takes of memory, over a Node that does nothing. */
export default {
  name: 'memory',
  rows: [{title: 'peak memory of sessions list, over node -e 0', unit: 'MiB', most: 12}],
  prepare(place) {
    fillStore(place, 100)
    const watched = place.watched()
    const peakOf = (run) => {
      run()
      return watched.peak()
    }
    return () => [
      peakOf(() => watched.clinvk(['sessions', 'list', '--limit', '20'])) - peakOf(() => watched.nothing()),
    ]
  },
}
