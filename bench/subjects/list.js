import {fillStore} from '../fill-store.js'

const SIZES = [100, 10_000, 100_000]

/** The list of the newest sessions, which must not take longer in a larger store. */
export default {
  name: 'list',
  rows: [
    ...SIZES.map((size) => ({
      title: `clinvk sessions list --limit 20, ${size} sessions`,
      unit: 'x',
      most: {20: 2.5, 24: 2},
    })),
    ...SIZES.slice(1).map((size) => ({title: `  ${size} sessions against ${SIZES[0]}`, unit: '', most: 1.1})),
  ],
  prepare(place) {
    const homes = SIZES.map((size) => {
      const home = place.with(String(size))
      fillStore(home, size)
      return home
    })
    return () => {
      const [small, ...larger] = homes.map((home) => home.pair(['sessions', 'list', '--limit', '20']))
      return [small, ...larger, ...larger.map(({ms}) => ms / small.ms)]
    }
  },
}
