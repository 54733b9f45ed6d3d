import assert from 'node:assert/strict'
import {randomInt} from 'node:crypto'
import type {Descriptor} from 'clinvk-contract'
import {withoutKey, withValue} from 'clinvk-kit/settings/edit'
import type {Installed} from 'clinvk-kit/settings/load'
import {resolveSettings} from 'clinvk-kit/settings/resolve'
import {schemaFor, settingsSchema} from 'clinvk-kit/settings/schema'
import {namedSettings, parseValue, type Setting} from 'clinvk-kit/settings/setting'
import {DEFAULTS} from 'clinvk-kit/settings/settings'
import {seeded, type Random} from '../../support/seeded.js'

const INSTALLED: Installed = {
  backends: new Map<string, {descriptor: Pick<Descriptor, 'options' | 'capabilities'>}>([
    ['claude', {descriptor: {capabilities: {}}}],
    ['echo', {descriptor: {capabilities: {}, options: {delay: {type: 'integer', description: ''}}}}],
  ]),
  plugins: [],
}
const SCHEMA = schemaFor(INSTALLED.backends)
const SETTINGS = namedSettings(SCHEMA)

/** Random files and values. A failure names its seed; `CLINVK_TEST_SEED` repeats it. */
describe('whatever settings are', () => {
  const seed = Number(process.env.CLINVK_TEST_SEED ?? randomInt(2 ** 31))
  const times = (count: number, test: (random: Random) => void) => {
    const random = seeded(seed)
    for (let round = 0; round < count; round++) {
      try {
        test(random)
      } catch (error) {
        throw new Error(`CLINVK_TEST_SEED=${seed}, round ${round}`, {cause: error})
      }
    }
  }

  it('the defaults are those of the schema', () => {
    assert.deepEqual(settingsSchema.parse({}), DEFAULTS)
  })

  it('a value that was set is the one that is in force, for every key, and everything else stays', () => {
    times(3, (random) => {
      let text = random.pick([file(random), '', '# nothing yet\n'])
      for (const setting of random.shuffle(SETTINGS)) {
        const before = valuesOf(text)
        const value = valueFor(setting, random)
        text = withValue(text, setting.path, value)
        const key = setting.path.join('.')
        assert.deepEqual(valuesOf(text), new Map([...before, [key, value]]), `${key} in\n${text}`)
      }
    })
  })

  it('a value reads back from the text that `get` prints', () => {
    times(20, (random) => {
      for (const setting of SETTINGS) {
        const value = valueFor(setting, random)
        const printed = typeof value === 'string' ? value : JSON.stringify(value)
        assert.deepEqual(parseValue(printed, setting.kind), value)
      }
    })
  })

  it('comments and the order of keys survive', () => {
    times(50, (random) => {
      const before = file(random)
      const setting = random.pick(SETTINGS)
      const {path} = setting
      const value = valueFor(setting, random)
      const after = withValue(before, path, value)
      const text = `\nbefore:\n${before}\nafter ${path.join('.')}:\n${after}`
      assert.deepEqual(commentsOf(after), commentsOf(before), text)
      const kept = [...valuesOf(before).keys()]
      assert.deepEqual(
        [...valuesOf(after).keys()].filter((key) => kept.includes(key)),
        kept,
        text,
      )
      assert.equal(withValue(after, path, value), after, `twice is once${text}`)
      const without = withoutKey(after, path)
      const own = after.split('\n').filter((line) => line.includes(`${path.at(-1)!}: `) && / # /.test(line))
      const lost = commentsOf(after).filter((comment) => !commentsOf(without ?? '').includes(comment))
      assert.ok(lost.length <= own.length, `unset has lost ${lost.join(', ')}${text}\nwithout:\n${without!}`)
    })
  })

  it('any text gives settings, or an error that names a place', () => {
    times(150, (random) => {
      const text = random.chance(0.5) ? noise(random) : file(random, true)
      for (const kind of ['user', 'project'] as const) {
        const {problems, settings} = resolveSettings({
          env: {},
          [kind]: {file: 'f', text},
          installed: INSTALLED,
        })
        for (const {key, source} of problems) {
          assert.ok(source.kind === kind && source.line >= 1 && source.column >= 1, `${key} in\n${text}`)
          const line = text.split('\n')[source.line - 1] ?? ''
          assert.ok(source.column <= line.length + 1, `${key}:${source.line}:${source.column} in\n${text}`)
        }

        // What is left is right.
        assert.ok(settingsSchema.safeParse(settings).success, text)
        JSON.stringify(settings)
      }
    })
  })

  it('any variable gives a setting, or an error that names it', () => {
    times(150, (random) => {
      const {path} = random.pick(SETTINGS)
      const name = `CLINVK_${path.join('_').toUpperCase()}`
      const odd = [random.pick(TEXTS), String(random.int(1e6)), '[', '["a"]', 'true']
      const value = random.pick([noise(random), ...odd])
      const {entries, problems} = resolveSettings({env: {[name]: value}, installed: INSTALLED})
      const source = entries.get(path.join('.'))?.source
      assert.ok(
        problems.length > 0
          ? problems.every(
              (problem) => problem.source.kind === 'environment' && problem.source.variable === name,
            )
          : source?.kind === 'environment' || value === '',
        `${name}=${JSON.stringify(value)}`,
      )
    })
  })
})

const SIZES = ['5 GiB', '500 MiB', '0', '1.5TiB']
const PACKAGES = ['x', '@acme/*', 'clinvk-backend-*', '*', 'a.b_c~d']

const TEXTS = [
  ...'opus|a b|# no comment|true|007|- x|a: b|"quoted"|it\'s|ünïcödé 😀|{a}|*x| padded |~|null|<<|%|@at|`|no|1e3'.split(
    '|',
  ),
  ...['two\nlines\n', '\t', 'x'.repeat(200), ''],
]

const WILD_VALUES = 'x|1|-1|{}|[]|{a: 1}|[1]|"|*a|&a 1|!!int x|| ~|~|\'|? x'.split('|').concat('|\n  x')

/** Pieces of YAML. */
const PIECES = [
  ...'a session output backends claude model default_backend 1 null true ~ __proto__'.split(' '),
  ...'[ ] { } " \' | > *a : # @ ` % \\'.split(' '),
  ...': | |  |\n|\n  |- |? |, |&a |!!set |!x |# c|<<: |\t|\r\n|😀'.split('|'),
  ...['---\n', '...\n', '%YAML 1.2\n', '\u0000', '\uFEFF', '\u2028'],
]

function valueFor({choices, kind, path}: Setting, random: Random): unknown {
  const text = () => {
    const found = random.pick(TEXTS.filter((candidate) => candidate !== ''))
    return path.at(-1) === 'model' ? found.replace(/^-+/, '+') : found
  }

  switch (kind) {
    case 'switch':
      return random.chance(0.5)
    case 'count':
      return random.int(1000) + 1
    case 'list':
      return Array.from({length: random.int(4)}, () => (path[0] === 'trust' ? random.pick(PACKAGES) : text()))
    case 'choice':
      return random.pick(choices!)
    default:
      return path.at(-1) === 'max_size'
        ? random.pick(SIZES)
        : path.at(-1) === 'wait_for_reset'
          ? random.pick(['0', '6h', '1h30m'])
          : text()
  }
}

/** A settings file as people write them: some sections, blank lines, comments everywhere. `wild` ones are not all right. */
function file(random: Random, wild = false): string {
  let count = 0
  const comment = (indent: string) =>
    random.chance(0.3)
      ? `${random.chance(0.3) ? '\n' : ''}${indent}# comment ${++count}\n`
      : random.chance(0.2)
        ? '\n'
        : ''
  const inline = () => (random.chance(0.2) ? ` # comment ${++count}` : '')
  const indent = ' '.repeat(random.pick([2, 4]))
  const scalar = (setting: Setting) =>
    wild && random.chance(0.3) ? random.pick(WILD_VALUES) : JSON.stringify(valueFor(setting, random))
  const line = (depth: number, key: string, setting: Setting) =>
    `${comment(indent.repeat(depth))}${indent.repeat(depth)}${wild && random.chance(0.1) ? `${key}x` : key}: ${scalar(setting)}${inline()}\n`

  const sections = new Map<string, Setting[]>()
  for (const setting of SETTINGS.filter(() => random.chance(0.3))) {
    const section = setting.path.slice(0, -1).join('.')
    sections.set(section, [...(sections.get(section) ?? []), setting])
  }

  const top = sections.get('') ?? []
  const backends = [...sections].filter(([name]) => name.startsWith('backends.'))
  const plain = [...sections].filter(([name]) => name !== '' && !name.startsWith('backends.'))
  const parts = [
    ...top.map((setting) => line(0, setting.path[0]!, setting)),
    ...plain.map(
      ([name, settings]) =>
        `${comment('')}${name}:${inline()}\n${settings.map((setting) => line(1, setting.path[1]!, setting)).join('')}${comment(indent)}`,
    ),
    ...(backends.length > 0
      ? [
          `${comment('')}backends:\n${backends
            .map(
              ([name, settings]) =>
                `${comment(indent)}${indent}${name.slice('backends.'.length)}:\n${settings.map((setting) => line(2, setting.path[2]!, setting)).join('')}`,
            )
            .join('')}`,
        ]
      : []),
    ...(random.chance(0.3)
      ? [`output:\n${indent}# comment ${++count}\n`].filter(() => !sections.has('output'))
      : []),
    ...(random.chance(0.3) ? ['server: {port: 8080, hosts: [a, b]}\n'] : []),
  ]
  return `${comment('')}${random.shuffle(parts).join('')}${comment('')}`
}

function noise(random: Random): string {
  return Array.from({length: random.int(25)}, () => random.pick(PIECES)).join('')
}

/** What stands in a file, by key. */
function valuesOf(text: string): Map<string, unknown> {
  const {entries, problems} = resolveSettings({env: {}, user: {file: 'f', text}, installed: INSTALLED})
  assert.deepEqual(problems, [], text)
  return new Map(
    [...entries].filter(([, {source}]) => source.kind === 'user').map(([key, {value}]) => [key, value]),
  )
}

/** Comments in their order; texts that only look like some are quoted. */
function commentsOf(text: string): string[] {
  return (text.match(/# comment \d+/g) ?? []).sort()
}
