import {mkdtemp, rm} from 'node:fs/promises'
import {homedir, tmpdir} from 'node:os'
import {join} from 'node:path'
import type {Findings, Question} from 'clinvk-contract'
import {isFailure, messageOf} from '../errors/failure.js'
import {oneLine} from '../format/text.js'
import {formatDuration} from '../format/time.js'
import {withTimeout} from '../hooks/run-hook.js'
import type {Env} from '../io.js'
import {readableFiles} from '../turn/agent-files.js'
import {runProgram} from './ask-agent.js'
import type {BackendEntry} from './discover.js'
import {findExecutable, type Executable} from './find-executable.js'

export interface AgentReport extends Findings {
  /** Absent: it is not installed. */
  readonly executable?: Executable
  readonly broken?: string
  /** Why a question got no answer: sentences. */
  readonly problems: readonly string[]
}

export interface ProbeOptions {
  readonly env: Env
  /** Milliseconds that each question, and the loading of the backend, may take. */
  readonly deadline: number
  /** Ends all questions at once. */
  readonly stop: AbortSignal
}

/**
 * Asks the agent of a backend for its version and whether it is signed in. Whatever its plugin does, this resolves: the
 * report says what went wrong.
 */
export async function probeAgent(entry: BackendEntry, options: ProbeOptions): Promise<AgentReport> {
  const {deadline, env} = options
  const executable = findExecutable(entry, env)
  const problems: string[] = []
  let scratch
  try {
    scratch = await mkdtemp(join(tmpdir(), 'clinvk-probe-'))
    const host = {platform: process.platform, isRoot: process.getuid?.() === 0, env, scratch}
    // Loaded also without its agent: that a plugin is broken is worth knowing before.
    const load = async () => (await entry.load()).probe?.(host) ?? []
    const questions = await withTimeout(deadline, load(), noAnswer(deadline))
    const findings = await Promise.all(
      (executable ? questions : []).map((question) =>
        answerTo(question, entry, executable!, options).catch((error: unknown): Findings => {
          const problem = oneLine(messageOf(error))
          if (!problems.includes(problem)) problems.push(problem)
          return {}
        }),
      ),
    )
    const known = findings.flatMap((some) => Object.entries(some).filter(([, value]) => value !== undefined))
    return {...(Object.fromEntries(known) as Findings), executable, problems}
  } catch (error) {
    const broken = isFailure(error) ? error.message : `The backend ${entry.name} fails: ${messageOf(error)}`
    return {executable, broken, problems}
  } finally {
    if (scratch !== undefined) await rm(scratch, {recursive: true, force: true})
  }
}

async function answerTo(
  question: Question,
  {descriptor, name}: BackendEntry,
  executable: Executable,
  {deadline, env, stop}: ProbeOptions,
): Promise<Findings> {
  let findings: Findings
  if (question.kind === 'files') {
    const files = readableFiles(descriptor.signInFiles ?? [], env)
    findings = await withTimeout(deadline, question.read(files), noAnswer(deadline))
  } else {
    // Not where the user stands: the settings of a directory that nobody trusts shall not start anything.
    const cwd = env.HOME || homedir()
    const answer = await runProgram(executable, question, {cwd, env, stop, timeoutMs: deadline})
    if (answer === undefined) {
      const command = [descriptor.executable, ...question.args].join(' ')
      throw new Error(`\`${command}\` gave no answer within ${formatDuration(deadline)}.`)
    }

    findings = question.read(answer)
  }

  const {contractSchema, issueIn} = await import('clinvk-contract/schema')
  const issue = issueIn(contractSchema({strict: false}).findings, findings)
  if (issue === undefined) return findings
  throw new Error(`The backend ${name} failed in \`probe\`: ${issue}`)
}

function noAnswer(ms: number): string {
  return `it gives no answer within ${formatDuration(ms)}.`
}
