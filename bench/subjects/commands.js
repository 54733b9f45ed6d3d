import {fillStore} from '../fill-store.js'

/** Commands that only look. */
export default [
  ['version', ['--version'], {20: 2.5, 24: 2}],
  ['help', ['--help'], 2.7],
  ['tab', ['__complete', '--', 'sess'], {20: 2.5, 24: 2}],
].map(([name, args, most]) => ({
  name,
  rows: [{title: `clinvk ${args.join(' ')}`, unit: 'x', most}],
  prepare(place) {
    fillStore(place, 100)
    return () => [place.pair(args)]
  },
}))
