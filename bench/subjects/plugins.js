import {fillPlugins} from '../fill-plugins.js'

const COUNT = 10

/** What one further plugin of the user costs. */
export default {
  name: 'plugins',
  rows: [
    {title: 'each further plugin, clinvk --version', unit: 'x', most: 0.05},
    {title: 'each further plugin, clinvk sessions list', unit: 'x', most: 0.05},
  ],
  prepare(place) {
    const none = place.with('none')
    const some = place.with('some')
    fillPlugins(some.home, COUNT)
    const each = (args) => {
      const {base, ms} = none.pair(args)
      return {base, ms: (some.clinvk(args).ms - ms) / COUNT}
    }
    return () => [each(['--version']), each(['sessions', 'list'])]
  },
}
