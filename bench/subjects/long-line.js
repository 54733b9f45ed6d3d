import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fakeClaude, line} from '../fake-claude.js'

const LENGTH = 10_000_000
const TIMES = 10
/** Thoughts where the result at the end would repeat the answer. */
const MODES = {
  text: [[], line.text],
  raw: [['--raw'], line.text],
  'stream-json': [['-o', 'stream-json'], line.thinking],
}

/** What one more line of 10 MB costs, until a reader has it. */
export default {
  name: 'long-line',
  rounds: 5,
  rows: Object.keys(MODES).map((mode) => ({title: `a line of 10 MB, ${mode}`, unit: 'ms', most: 40})),
  prepare(place) {
    const prose = 'if (a < b) return "the lesser one"\n// else it is the other one, as ever\n'
    const text = prose.repeat(LENGTH / JSON.stringify(prose).length)
    const prepareWith = (mode, count) => {
      const [words, make] = MODES[mode]
      const home = place.with(`${mode}-${count}`)
      writeFileSync(join(home.home, 'lines'), (line.nextBlock + make(text)).repeat(count))
      fakeClaude(home.home, `cat > prompt; echo '${line.begin.trim()}'; cat lines; echo '${line.end.trim()}'`)
      return () => home.piped([...words, 'x'], 'cat > /dev/null').ms
    }
    const pairs = Object.keys(MODES).map((mode) => [prepareWith(mode, 1), prepareWith(mode, 1 + TIMES)])
    return () =>
      pairs.map(([few, many]) => {
        const ms = few()
        return (many() - ms) / TIMES
      })
  },
}
