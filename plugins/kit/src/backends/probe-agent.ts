import {mkdtemp, rm} from 'node:fs/promises'
import {homedir, tmpdir} from 'node:os'
import {join} from 'node:path'
import type {Descriptor, Findings, Host, Question} from 'clinvk-contract'
import {formatDuration} from '../format/time.js'
import {isFailure, messageOf} from '../errors/failure.js'
import {oneLine} from '../format/text.js'
import {readableFiles} from '../turn/agent-files.js'
import {withTimeout} from '../hooks/run-hook.js'
import {askProgram} from './ask-agent.js'
import type {BackendEntry} from './discover.js'
import {findExecutable, type Executable} from './find-executable.js'

/** What is known of a backend's agent on this machine. */
export interface AgentReport extends Findings {
  /** Absent: it is not installed. */
  readonly executable?: Executable
  /** Why its plugin cannot be used. */
  readonly broken?: string
  /** Why a question got no answer: sentences. */
  readonly problems: readonly string[]
}

export interface ProbeOptions {
  readonly env: Host['env']
  /** Milliseconds that each question, and the loading of the backend, may take. */
  readonly deadline: number
  /** Ends all questions at once. */
  readonly stop: AbortSignal
}

/**
 * Asks the agent of a backend for its version and whether it is signed in;
 * `look` only looks for it. Whatever its plugin does, this resolves: what goes
 * wrong stands in the report.
 */
export async function probeAgent(
  entry: BackendEntry,
  options: ProbeOptions,
  how: 'ask' | 'look' = 'ask',
): Promise<AgentReport> {
  const executable = findExecutable(entry, options.env)
  const found = executable === undefined ? {} : {executable}
  if (how === 'look') return {...found, problems: []}
  let scratch
  try {
    scratch = await mkdtemp(join(tmpdir(), 'clinvk-probe-'))
    // Loaded also without its agent: that a plugin is broken is worth knowing before.
    const questions = await withTimeout(
      options.deadline,
      questionsOf(entry, scratch, options),
      noAnswer(options.deadline),
    )
    const answers = executable ? await askAll(questions, entry, executable, options) : []
    const problems = answers.flatMap((answer) => (typeof answer === 'string' ? [answer] : []))
    const findings = answers.flatMap((answer) => (typeof answer === 'string' ? [] : Object.entries(answer)))
    const known = Object.fromEntries(findings.filter(([, value]) => value !== undefined)) as Findings
    return {problems, ...known, ...found}
  } catch (error) {
    const broken = isFailure(error) ? error.message : `The backend ${entry.name} fails: ${messageOf(error)}`
    return {...found, broken, problems: []}
  } finally {
    if (scratch !== undefined) await rm(scratch, {recursive: true, force: true})
  }
}

/** What each question has found out, or why it has found nothing. */
function askAll(
  questions: readonly Question[],
  entry: BackendEntry,
  executable: Executable,
  options: ProbeOptions,
): Promise<(Findings | string)[]> {
  return Promise.all(
    questions.map((question) =>
      ask(question, entry, executable, options).catch((error: unknown) => oneLine(messageOf(error))),
    ),
  )
}

async function questionsOf(
  entry: BackendEntry,
  scratch: string,
  {env}: ProbeOptions,
): Promise<readonly Question[]> {
  const backend = await entry.load()
  const host = {platform: process.platform, isRoot: process.getuid?.() === 0, env, scratch}
  return backend.probe?.(host) ?? []
}

async function ask(
  question: Question,
  {descriptor, name}: BackendEntry,
  executable: Executable,
  options: ProbeOptions,
): Promise<Findings> {
  const findings = await answerTo(question, descriptor, executable, options)
  const {contractSchema, issueIn} = await import('clinvk-contract/schema')
  const issue = issueIn(contractSchema({strict: false}).findings, findings)
  if (issue === undefined) return findings
  throw new Error(`The backend ${name} failed in \`probe\`: ${issue}`)
}

async function answerTo(
  question: Question,
  descriptor: Descriptor,
  executable: Executable,
  {deadline, env, stop}: ProbeOptions,
): Promise<Findings> {
  if (question.kind === 'files')
    return withTimeout(
      deadline,
      question.read(readableFiles(descriptor.signInFiles ?? [], env)),
      noAnswer(deadline),
    )
  const answer = await askProgram({
    file: executable.file,
    args: [...executable.leading, ...question.args],
    // Not where the user stands: the settings of a directory that nobody trusts shall not start anything.
    cwd: env.HOME || homedir(),
    env: {...env, ...question.env},
    deadline,
    stop,
  })
  if (answer !== undefined) return question.read(answer)
  throw new Error(
    `\`${[descriptor.executable, ...question.args].join(' ')}\` gave no answer within ${formatDuration(deadline)}.`,
  )
}

function noAnswer(ms: number): string {
  return `it gives no answer within ${formatDuration(ms)}.`
}
