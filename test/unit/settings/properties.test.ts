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
const SETTINGS = namedSettings(schemaFor(INSTALLED.backends))
const COMMENTED = `# Settings of Ada

session: # how I work
    retention_days: 14 # two weeks

    # auto_resume: true
# for scripts
output: {format: text, color: true}
backends:
    # the best
    claude: {}

# the end
`

/** Random values and texts. A failure names its seed; `CLINVK_TEST_SEED` repeats it. */
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

  it('a value that was set is in force, for every key; comments, order and everything else stay', () => {
    times(3, (random) => {
      let text = random.pick([COMMENTED, '', '# nothing yet\n'])
      let values = valuesOf(text)
      for (const setting of random.shuffle(SETTINGS)) {
        const [before, value, key] = [text, valueFor(setting, random), setting.path.join('.')]
        text = withValue(before, setting.path, value)
        const told = `\nbefore:\n${before}\nafter ${key}:\n${text}`
        const kept = [...values.keys()]
        const expected = new Map([...values, [key, value]])
        values = valuesOf(text)
        assert.deepEqual(values, expected, told)
        const order = [...values.keys()].filter((one) => kept.includes(one))
        assert.deepEqual([order, commentsOf(text)], [kept, commentsOf(before)], told)
        assert.equal(withValue(text, setting.path, value), text, `twice is once${told}`)
        const without = withoutKey(text, setting.path) ?? ''
        assert.ok(!valuesOf(without).has(key), told)
        // One may stand behind the value.
        assert.ok(commentsOf(text).length - commentsOf(without).length <= 1, `${told}\nwithout:\n${without}`)
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

  it('any text gives settings, or an error that names a place', () => {
    times(300, (random) => {
      const text = noise(random)
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
          ? problems.every((one) => one.source.kind === 'environment' && one.source.variable === name)
          : source?.kind === 'environment' || value === '',
        `${name}=${JSON.stringify(value)}`,
      )
    })
  })
})

const TEXTS = [
  ...'opus|a b|# no comment|true|007|- x|a: b|"quoted"|it\'s|ünïcödé 😀|{a}|*x| padded |~|null|<<|%|@at|`|no|1e3'.split(
    '|',
  ),
  ...['two\nlines\n', '\t', 'x'.repeat(200), ''],
]

/** Pieces of YAML. */
const PIECES = [
  ...'a session output backends claude model default_backend 1 null true ~ __proto__'.split(' '),
  ...'[ ] { } " \' | > *a : # @ ` % \\'.split(' '),
  ...': | |  |\n|\n  |- |? |, |&a |!!set |!x |# c|<<: |\t|\r\n|😀'.split('|'),
  ...['---\n', '...\n', '%YAML 1.2\n', '\u0000', '\uFEFF', '\u2028'],
]

function noise(random: Random): string {
  return Array.from({length: random.int(25)}, () => random.pick(PIECES)).join('')
}

function valueFor({choices, kind, path}: Setting, random: Random): unknown {
  const texts: Record<string, readonly string[]> = {
    model: TEXTS.map((text) => text.replace(/^-+/, '+')),
    max_size: ['5 GiB', '500 MiB', '0', '1.5TiB'],
    wait_for_reset: ['0', '6h', '1h30m'],
    plugins: ['x', '@acme/*', 'clinvk-backend-*', '*', 'a.b_c~d'],
  }
  const text = () => random.pick((texts[path.at(-1)!] ?? TEXTS).filter((one) => one !== ''))
  if (kind === 'switch') return random.chance(0.5)
  if (kind === 'count') return random.int(1000) + 1
  if (kind === 'list') return Array.from({length: random.int(4)}, text)
  return kind === 'choice' ? random.pick(choices!) : text()
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
  return (text.match(/(?<=^|\s)# (?!no comment).*/gm) ?? []).sort()
}
