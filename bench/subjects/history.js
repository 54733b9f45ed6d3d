import {rmSync, statSync, utimesSync} from 'node:fs'
import {join} from 'node:path'
import {fillHistory} from '../fill-history.js'

const CONVERSATIONS = 5000

/** Search among 200,000 messages that Claude Code has recorded, and what it takes to read them. */
export default [
  {
    name: 'history-search',
    rows: [
      ...['a rare word', 'very common words'].map((words) => ({
        title: `clinvk search, ${words}`,
        unit: 'x',
        most: {20: 3.4, 24: 2.8},
      })),
      {title: '  its peak memory', unit: 'MiB', most: 80},
      {title: 'clinvk history sync, nothing new', unit: 'x', most: 20},
    ],
    prepare(place) {
      fillHistory(place, CONVERSATIONS)
      const watched = place.watched()
      place.clinvk(['history', 'sync', '--quiet'])
      const search = (...words) => {
        // No process in the background, which would be measured, too.
        const now = Date.now() / 1000
        utimesSync(join(place.home, '.clinvk/history/synced'), now, now)
        return ['search', ...words]
      }
      return () => {
        const rare = place.pair(search('xylophone'))
        const common = place.pair(search('the', 'of'))
        watched.clinvk(search('the', 'of'))
        return [rare, common, watched.peak(), place.pair(['history', 'sync', '--quiet'])]
      }
    },
  },
  {
    name: 'history-build',
    rounds: 1,
    rows: [
      {title: `reads ${CONVERSATIONS} conversations from nothing`, unit: 'x', most: 320},
      {title: '  its peak memory', unit: 'MiB', most: 160},
      {title: '  size of the index, of the records', unit: '', most: 0.4},
    ],
    prepare(place) {
      const bytes = fillHistory(place, CONVERSATIONS)
      const watched = place.watched()
      return () => {
        rmSync(join(place.home, '.clinvk'), {recursive: true, force: true})
        const {ms: base} = watched.nothing()
        const {ms} = watched.clinvk(['history', 'sync', '--quiet'])
        return [
          {base, ms},
          watched.peak(),
          statSync(join(place.home, '.clinvk/history/index.sqlite')).size / bytes,
        ]
      }
    },
  },
]
