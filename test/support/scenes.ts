import assert from 'node:assert/strict'
import {existsSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {identify} from 'clinvk-kit/process/identity'
import {filesIn} from './files-in.js'
import {linkKeeperAgent, stop, type Stop} from './keeper-agent.js'
import {linkBackendPlugin, linkPlugin} from './link-plugin.js'
import {ends, fixture, json, ROOT, type Sandbox, wordsOf} from './sandbox.js'
import {minutesAgo, storeSession} from './stored-session.js'
import {hasRecorded, willSay} from './talking-agent.js'

/**
 * A test for each scene of a file in `test/fixtures/scenes`, whose titles it gives: a sentence, and steps in their
 * order. A step is one of
 * - `settings`, `file PATH`: what is written into a file of the home, as text or as a value;
 * - `settings are`, `file PATH is`: what must stand there; `files PATH`: the names of all below it; `mode PATH`;
 * - `remove PATH`, `link PATH` (to where), `program NAME` (a script of sh, or nothing);
 * - `cd PATH`: the directory, made if need be, for what follows; `env`: variables for what follows;
 * - `session ID`: the fields of a session that is there already, a time as `5 minutes ago`, `running: here` in this
 *   process; `sessions`: fields of all, the last used first;
 * - `plugin NAME`: a linked plugin, its package.json as `package` and its other files; `backend NAME`: one with a backend,
 *   by the fields of its module, whose agent prints two lines;
 * - `agent NAME`: an agent that keeps records, `stops NAME`: how its next turns end (see keeper-agent.ts);
 * - `says`, `recorded`: what the agent `talker` says next, and what is in its record (see talking-agent.ts);
 * - a command line, after variables of its own: what it prints on standard output, or an `Expected`; with `> FILE` it
 *   is kept.
 *
 * A text is all that is printed, but for the end of its last line; `/…/` is a part of it. The home is `~` in what is
 * printed, and `$HOME` in what is given, this checkout `$ROOT`; `$id` is what was kept as `id`, and `$id8` are 8 digits of it.
 * No command may tell where in its code it failed, or send what moves a cursor where there is no terminal.
 */
export function scenes(user: Sandbox, name: string): string[] {
  const all = fixture(`scenes/${name}.yaml`) as Record<string, Step[]>
  for (const [title, steps] of Object.entries(all)) {
    it(title, async () => {
      const stage = {user, cwd: user.project, kept: {HOME: user.home, ROOT}}
      for (const [what, value] of steps.flatMap((step) => Object.entries(step)))
        await play(stage, what, value)
    })
  }

  return Object.keys(all)
}

type Step = Record<string, unknown>

interface Stage {
  readonly user: Sandbox
  readonly kept: Record<string, string>
  cwd: string
}

interface Expected {
  /** Without one it is 0. */
  readonly code?: number
  readonly stdout?: string
  readonly stderr?: string
  /** Fields of the object that is printed. */
  readonly json?: Step
  /** Fields of that object that are kept, by the paths to them. */
  readonly keep?: Record<string, string>
  readonly stdin?: string
  readonly terminal?: boolean
}

async function play(stage: Stage, what: string, given: unknown): Promise<void> {
  const {user} = stage
  const words = wordsOf(filled(stage, what).replace(/^settings/, 'file .clinvk/config.yaml'))
  const [verb, path = ''] = words
  const file = join(user.home, path)
  const value = filled(stage, given)
  if (verb === 'file' && words.length > 2)
    agree(readFileSync(file, 'utf8').replaceAll(user.home, '~'), value, what)
  else if (verb === 'file') user.write(path, typeof value === 'string' ? value : JSON.stringify(value))
  else if (verb === 'files') agree(existsSync(file) ? filesIn(file) : [], value, what)
  else if (verb === 'mode') assert.equal((statSync(file).mode & 0o777).toString(8), value)
  else if (verb === 'remove') rmSync(file, {recursive: true})
  else if (verb === 'link') symlinkSync(join(user.home, value as string), file)
  else if (verb === 'program') user.installProgram(path, (value as string | null) ?? '')
  else if (verb === 'cd') stage.cwd = user.directory(path)
  else if (verb === 'env') Object.assign(user.env, value)
  else if (verb === 'session') storeSession(user, path, fieldsOf(value as Step, user.home))
  else if (verb === 'sessions')
    agree(JSON.parse(JSON.stringify(user.sessions()).replaceAll(user.home, '~')), value, what)
  else if (verb === 'plugin') {
    const {package: pjson, ...files} = value as {package: object} & Record<string, string>
    linkPlugin(user, path, pjson, files)
  } else if (verb === 'backend')
    linkBackendPlugin(user, path, `export default {${value as string}}`, {
      agent: 'console.log("one"); console.log("two")',
    })
  else if (verb === 'agent') linkKeeperAgent(user, path, value as object)
  else if (verb === 'stops') stop(user, path, ...(value as Stop[]))
  else if (verb === 'says') willSay(user, ...(value as object[]))
  else if (verb === 'recorded') hasRecorded(user, ...(value as object[]))
  else await run(stage, words, typeof given === 'object' ? given! : {stdout: given as string})
}

/** With all that was kept so far in its texts. */
function filled<T>({kept}: Stage, value: T): T {
  const text = JSON.stringify(value).replaceAll(/\$([a-z]+)(\d*)/gi, (all, name: string, short: string) => {
    const whole = kept[name]
    return whole === undefined ? all : whole.slice(0, short ? Number(short) : undefined)
  })
  return JSON.parse(text) as T
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

async function run(
  stage: Stage,
  words: readonly string[],
  {keep = {}, stdin, ...rest}: Expected,
): Promise<void> {
  const {cwd, kept, user} = stage
  const [begin, to] = ['clinvk', '>'].map((word) => words.indexOf(word)) as [number, number]
  const env = Object.fromEntries(words.slice(0, begin).map((word) => word.split(/=(.*)/s))) as Record<
    string,
    string
  >
  const options = {cwd, env, onTerminal: rest.terminal ?? false, ...(stdin !== undefined && {stdin})}
  const real = await user.clinvk(words.slice(begin + 1, to < 0 ? undefined : to), options)
  if (to > 0) writeFileSync(join(cwd, words[to + 1]!), real.stdout)
  const [stdout, stderr] = [real.stdout, real.stderr].map((text) => text.replaceAll(user.home, '~')) as [
    string,
    string,
  ]
  const finished = {...real, stdout, stderr}
  for (const [name, path] of Object.entries(keep))
    kept[name] = String(path.split('.').reduce<unknown>((value, key) => (value as Step)[key], json(finished)))
  const {code = 0, json: fields, ...texts} = filled(stage, rest)
  const wanted = {
    ...(texts.stdout !== undefined && {stdout: textOf(texts.stdout)}),
    ...(texts.stderr !== undefined && {stderr: textOf(texts.stderr)}),
  }
  assert.doesNotMatch(stderr, /^ {4}at .*\/dist\//m, words.join(' '))
  if (!rest.terminal && !env.FORCE_COLOR) assert.doesNotMatch(stderr, /[^\P{Cc}\n\t]/u, words.join(' '))
  await ends(Promise.resolve(finished), {code, ...wanted}, words.join(' '))
  if (fields) agree(json(finished), fields, words.join(' '))
}

function textOf(text: string): string | RegExp {
  const [, pattern, flags] = /^\/(.+)\/(\w*)$/s.exec(text) ?? []
  if (pattern !== undefined) return RegExp(pattern, flags)
  return text === '' || text.endsWith('\n') ? text : `${text}\n`
}

/** Whether a value has all that is wanted; a list has exactly these. */
function agree(value: unknown, wanted: unknown, what: string): void {
  const expected = typeof wanted === 'string' && textOf(wanted)
  if (expected instanceof RegExp) assert.match(String(value), expected, `${what}: ${String(value)}`)
  else if (typeof wanted !== 'object' || wanted === null) assert.deepEqual(value ?? null, wanted, what)
  else {
    if (Array.isArray(wanted)) assert.equal((value as unknown[]).length, wanted.length, what)
    for (const [key, part] of Object.entries(wanted)) agree((value as Step)[key], part, `${what}: ${key}`)
  }
}
