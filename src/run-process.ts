import {ProcessIO} from 'clinvk-kit/io'
import {main, type Progress} from './main.js'
import {reportLoss} from './errors/report-error.js'
import {watchEnd} from './startup/watch-end.js'
import {watchOutput} from './output/watch-output.js'

/**
 * Runs clinvk as a process of its own: with the words, streams and signals of this one. It ends when all output
 * has been taken, even if a plugin holds something open; a reader may take its time.
 */
export async function runProcess(root: string): Promise<never> {
  const argv = process.argv.slice(2)
  // While a backend is imported, `process.exit` is refused; it may hang for longer than we wait.
  const exit: (code?: number) => never = process.exit.bind(process)
  const io = new ProcessIO()
  const output = watchOutput(io)
  const progress: Progress = {}
  const isOver = watchEnd(argv, io, progress, (error) => output.losses.has(error))
  let code = await main(argv, io, root, progress)
  await output.drained(io.hurry)
  const [loss] = output.losses
  if (loss) code = reportLoss(loss, io, code)
  isOver()
  // A command of a plugin may have set an exit code of its own.
  return exit(code || Number(process.exitCode ?? 0))
}
