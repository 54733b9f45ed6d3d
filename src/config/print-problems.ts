import {problemText, type Problem} from 'clinvk-kit/settings/problem'
import {ProcessIO} from 'clinvk-kit/io'
import {Printer} from '../output/printer.js'

/** Says on stderr what is wrong and what has no effect; the command goes on. */
export function printProblems(problems: readonly Problem[], warnings: readonly string[] = []): void {
  const printer = new Printer(new ProcessIO())
  for (const problem of problems)
    printer.error({kind: 'config', message: problemText(problem), hints: problem.hints})
  for (const warning of warnings) printer.note(warning)
}
