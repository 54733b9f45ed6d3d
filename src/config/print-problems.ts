import {problemText, type Problem} from 'clinvk-kit/settings/problem'
import {errorText} from '../output/error-text.js'
import {paint} from '../output/paint.js'

/** Says on stderr what is wrong and what has no effect; the command goes on. */
export function printProblems(problems: readonly Problem[], warnings: readonly string[] = []): void {
  const {stderr} = process
  for (const problem of problems)
    stderr.write(errorText({kind: 'config', message: problemText(problem), hints: problem.hints}))
  for (const warning of warnings) stderr.write(`${paint(stderr, 'yellow', 'Note:')} ${warning}\n`)
}
