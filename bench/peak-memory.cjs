// Loaded into a process (`node --require`) whose peak of memory, in KiB, shall be known at its end. Linux tells it
// of the program alone; `maxRSS` counts what the process was before it became this program, the one that started it.
const {readFileSync, writeFileSync} = require('node:fs')

process.on('exit', () => writeFileSync(process.env.BENCH_PEAK_MEMORY, String(peak())))

function peak() {
  try {
    return /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]
  } catch {
    return process.resourceUsage().maxRSS
  }
}
