import assert from 'node:assert/strict'
import {readFileSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {identify} from 'clinvk-kit/process/identity'
import {linkKeeperAgent, stop, type Stop} from './keeper-agent.js'
import {ends, fixture, json, type Sandbox, wordsOf} from './sandbox.js'
import {minutesAgo, storeSession} from './stored-session.js'

/**
 * A test for each scene of a file in `test/fixtures/scenes`, whose titles it gives: a sentence, and steps in their order. A step is one of
 * - `settings`, `file PATH`: what is written into a file of the home, as text or as a value;
 * - `settings are`, `file PATH is`: all that must stand there;
 * - `session ID`: the fields of a session that is there already, a time as `5 minutes ago`, `running: here` in this
 *   process; `sessions`: fields of all, the last used first;
 * - `cd PATH`: the directory, made if need be, for what follows; `env`: variables for what follows; `link PATH`, `program NAME`,
 *   `agent NAME`: an agent that keeps records, `stops NAME`: how its next turns end (see keeper-agent.ts);
 * - a command line, after variables of its own: what it prints on standard output, or an `Expected`; with `> FILE` it
 *   is kept.
 *
 * The home is `~`. A text is all that is printed, but for the end of its last line; `/…/` is a part of it.
 */
export function scenes(user: Sandbox, name: string): string[] {
  const all = fixture(`scenes/${name}.yaml`) as Record<string, Step[]>
  for (const [title, steps] of Object.entries(all)) {
    it(title, async () => {
      const stage = {user, cwd: user.project}
      for (const [what, value] of steps.flatMap((step) => Object.entries(step)))
        await play(stage, what, value)
    })
  }

  return Object.keys(all)
}

type Step = Record<string, unknown>

interface Stage {
  readonly user: Sandbox
  cwd: string
}

/** `json` are fields of the object that it prints, by their paths. Without a code it is 0. */
interface Expected {
  readonly code?: number
  readonly stdout?: string
  readonly stderr?: string
  readonly json?: Step
  readonly stdin?: string
  readonly terminal?: boolean
}

async function play(stage: Stage, what: string, value: unknown): Promise<void> {
  const {user} = stage
  const words = wordsOf(what.replace(/^settings/, 'file .clinvk/config.yaml'))
  const [verb, path = ''] = words
  if (verb === 'file' && words.length > 2) assert.equal(readFileSync(join(user.home, path), 'utf8'), value)
  else if (verb === 'file') user.write(path, typeof value === 'string' ? value : JSON.stringify(value))
  else if (verb === 'session') storeSession(user, path, fieldsOf(value as Step, user.home))
  else if (verb === 'sessions')
    agree(JSON.parse(JSON.stringify(user.sessions()).replaceAll(user.home, '~')), value, what)
  else if (verb === 'agent') linkKeeperAgent(user, path, value as object)
  else if (verb === 'stops') stop(user, path, ...(value as Stop[]))
  else if (verb === 'link') symlinkSync(join(user.home, value as string), join(user.home, path))
  else if (verb === 'program') user.installProgram(path)
  else if (verb === 'env') Object.assign(user.env, value)
  else if (verb === 'cd') stage.cwd = user.directory(path)
  else await run(stage, words, typeof value === 'object' ? value! : {stdout: value as string})
}

function fieldsOf(fields: Step, home: string): Step {
  const value = (name: string, given: unknown) => {
    if (name === 'running') return {clinvk: identify(process.pid)}
    const [, minutes] = /^(-?\d+) minutes ago$/.exec(String(given)) ?? []
    if (minutes !== undefined) return minutesAgo(Number(minutes))
    return typeof given === 'string' ? given.replace(/^~/, home) : given
  }
  return Object.fromEntries(Object.entries(fields).map(([name, given]) => [name, value(name, given)]))
}

async function run({cwd, user}: Stage, words: readonly string[], expected: Expected): Promise<void> {
  const {code = 0, json: fields, stderr, stdin, stdout, terminal = false} = expected
  const [begin, to] = ['clinvk', '>'].map((word) => words.indexOf(word)) as [number, number]
  const env = Object.fromEntries(words.slice(0, begin).map((word) => word.split(/=(.*)/s))) as Record<
    string,
    string
  >
  const options = {cwd, env, onTerminal: terminal, ...(stdin !== undefined && {stdin})}
  const finished = await user.clinvk(words.slice(begin + 1, to < 0 ? undefined : to), options)
  if (to > 0) writeFileSync(join(cwd, words[to + 1]!), finished.stdout)
  const [printed, told] = [finished.stdout, finished.stderr].map((text) => text.replaceAll(user.home, '~'))
  const wanted = {
    code,
    ...(stdout !== undefined && {stdout: textOf(stdout)}),
    ...(stderr !== undefined && {stderr: textOf(stderr)}),
  }
  await ends(Promise.resolve({...finished, stdout: printed!, stderr: told!}), wanted, words.join(' '))
  if (fields) agree(json({...finished, stdout: printed!}), fields, words.join(' '))
}

function textOf(text: string): string | RegExp {
  const [, pattern, flags] = /^\/(.+)\/(\w*)$/s.exec(text) ?? []
  if (pattern !== undefined) return RegExp(pattern, flags)
  return text === '' || text.endsWith('\n') ? text : `${text}\n`
}

/** Whether a value has all that is wanted; a list has exactly these. */
function agree(value: unknown, wanted: unknown, what: string): void {
  if (typeof wanted === 'string' && /^\/.+\/\w*$/s.test(wanted))
    assert.match(String(value), textOf(wanted) as RegExp, what)
  else if (typeof wanted !== 'object' || wanted === null) assert.deepEqual(value ?? null, wanted, what)
  else {
    if (Array.isArray(wanted)) assert.equal((value as unknown[]).length, wanted.length, what)
    for (const [key, part] of Object.entries(wanted)) agree((value as Step)[key], part, `${what}: ${key}`)
  }
}
