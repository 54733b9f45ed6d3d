import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fakeClaude, line} from '../fake-claude.js'

const MIB = 1024 * 1024
const LINE = 200
const TIMES = 1000
/** Thoughts where a result at the end repeats the answer: 1 GB of that needs its place. */
const MODES = {
  text: [[], line.text],
  raw: [['--raw'], line.text],
  'stream-json': [['-o', 'stream-json'], line.thinking],
}

/** A stream of 1 GB in lines of 200 bytes, through clinvk to a reader that only counts. */
export default Object.entries(MODES).map(([mode, [words, make]]) => ({
  name: `relay-${mode}`,
  rounds: 1,
  rows: [
    {title: `1 GB of 200-byte lines, ${mode}`, unit: 'MB/s', least: 100},
    {title: `  its peak memory`, unit: 'MiB', most: 120},
  ],
  prepare(place) {
    // As many messages of 1 MB.
    const prose = 'if (a < b) return "the lesser one"\n// else it is the other one, as ever'
    const filler = LINE - make(prose).length
    const one = make(prose + '.'.repeat(filler))
    const block = line.nextBlock + one.repeat(Math.floor(1e6 / LINE))
    writeFileSync(join(place.home, 'block'), block)
    const repeat = `i=0; while [ $i -lt ${TIMES} ]; do cat block; i=$((i+1)); done`
    fakeClaude(place.home, `cat > prompt; echo '${line.begin.trim()}'; ${repeat}; echo '${line.end.trim()}'`)
    const watched = place.watched()
    return () => {
      const {ms, stdout} = watched.piped([...words, 'x'], 'wc -l')
      const lines = Number(stdout)
      if (lines < TIMES * Math.floor(1e6 / LINE)) throw new Error(`only ${lines} lines arrived`)
      return [(block.length * TIMES) / 1000 / ms, watched.peak()]
    }
  },
}))
