import {fakeClaude, line} from '../fake-claude.js'

const BYTES = 1_000_000

/** 1 MB of answer to a reader that sleeps for 15 s first. */
export default {
  name: 'pause',
  rounds: 1,
  rows: [{title: '1 MB to a reader that pauses 15 s, bytes lost', unit: '', most: 0}],
  prepare(place) {
    const text = line.text('x'.repeat(BYTES / 100))
    const repeat = `i=0; while [ $i -lt 100 ]; do echo '${text.trim()}'; i=$((i+1)); done`
    fakeClaude(place.home, `cat > prompt; echo '${line.begin.trim()}'; ${repeat}; echo '${line.end.trim()}'`)
    return () => [BYTES + 1 - Number(place.piped(['x'], 'sleep 15; wc -c').stdout)]
  },
}
