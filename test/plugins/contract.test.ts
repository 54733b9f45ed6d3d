import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {withInventedAgents} from '../support/invented-agents.js'
import {contractTypes, typeErrors, type ContractType} from '../support/contract-types.js'
import {json, ROOT} from '../support/sandbox.js'

const PAGE = join(ROOT, 'docs/plugins/contract.md')
const FROZEN = join(ROOT, 'test/fixtures/contract-1.d.ts')
const NOW = [join(ROOT, 'plugins/contract/src/contract.ts')]

describe('the page of the contract', () => {
  const page = readFileSync(PAGE, 'utf8')
  const types = contractTypes(NOW)

  it('names every type, field and text of the types, each where its type is explained', () => {
    const missing = [...types].flatMap(([type, {fields, texts}]) => {
      const place = placeOf(type, page)
      if (place === undefined) return [type]
      const named = words(place)
      // Which `type` an event has is one of its texts.
      return [...fields, ...texts]
        .filter((name) => name !== 'type' && !named.has(name))
        .map((name) => `${type}: ${name}`)
    })
    assert.deepEqual(missing, [], 'docs/plugins/contract.md does not name these')
  })

  it('has nothing in its tables that the types do not have', () => {
    const known = new Set([...types].flatMap(([type, {fields, texts}]) => [type, ...fields, ...texts]))
    const rows = page.split('\n').filter((line) => line.startsWith('|'))
    const names = rows.flatMap((row) => [...row.matchAll(/`([A-Za-z_][\w-]*)`/g)].map(([, name]) => name!))
    assert.deepEqual(
      names.filter((name) => !known.has(name)),
      [],
    )
  })

  it('has TypeScript that type-checks', () => {
    const blocks = [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code!)
    assert.ok(blocks.length > 0)
    assert.deepEqual(
      typeErrors(
        new Map([...asFiles(), ...blocks.map((code, index) => [`/page/src/${index}.mts`, code] as const)]),
      ),
      [],
    )
  })
})

describe('contract 1', () => {
  it('keeps every type, field and text; what is new is frozen with it', () => {
    const frozen = contractTypes([FROZEN])
    const now = contractTypes(NOW)
    assert.deepEqual(lackingIn(now, frozen), [], 'contract 1 had these, and backends use them')
    assert.deepEqual(
      lackingIn(frozen, now),
      [],
      'these are new. If contract 1 shall promise them: node build/contract.js --freeze',
    )
  })

  it('still takes what backends give, and gives what they take', () => {
    const lines = [
      ...FROM_BACKENDS.map(
        (type) => `declare const ${type}: frozen.${type}; export const a${type}: now.${type} = ${type}`,
      ),
      ...FROM_CLINVK.map(
        (type) => `declare const ${type}: now.${type}; export const a${type}: frozen.${type} = ${type}`,
      ),
    ]
    const check = `import type * as frozen from './frozen.js'\nimport type * as now from './contract.js'\n${lines.join('\n')}\n`
    assert.deepEqual(
      typeErrors(
        new Map([
          ...asFiles(),
          ['/page/frozen.d.ts', readFileSync(FROZEN, 'utf8')],
          ['/page/check.mts', check],
        ]),
      ),
      [],
    )
  })
})

describe('a backend that knows more of contract 1 than this clinvk', () => {
  const machine = withInventedAgents()

  it('works: what is unknown is left alone', async () => {
    const {user} = machine
    await user.linkBackend(
      'later',
      `export default {
         plan: ({prompt}) => ({kind: 'invocation', args: [], stdin: prompt, priority: 'high'}),
         reader: () => ({
           line: (line) => [{type: 'mood', mood: 'good'}, {type: 'text', text: line, tone: 'soft'}],
           end: () => ({outcome: 'success', confidence: 0.9}),
         }),
         dream: () => 'of sheep',
       }`,
      {descriptor: {colour: 'green', capabilities: {telepathy: true}}},
    )
    user.write('plugins/later/agent.js', "console.log('hello')")
    const {content, exit_code: code, outcome} = json(await user.clinvk(['-b', 'later', '--json', 'hi']))
    assert.deepEqual({content, code, outcome}, {content: 'hello', code: 0, outcome: 'success'})
  })
})

/** The contract in a directory that is not there, as it stands in the package of a backend. */
function asFiles(): [string, string][] {
  return [
    ['/page/package.json', '{"type": "module"}'],
    ['/page/contract.d.ts', readFileSync(join(ROOT, 'dist/contract.d.ts'), 'utf8')],
  ]
}

/** The section with a type in its heading; otherwise the row, list item or paragraph that names it. */
function placeOf(type: string, page: string): string | undefined {
  const sections = page.split(/^(?=#+ )/m)
  const own = sections.find((section) => section.split('\n')[0]!.includes(`\`${type}\``))
  if (own !== undefined) return own
  return (
    page
      .split(/\n(?=\n|\||- )/)
      .filter((part) => part.includes(`\`${type}\``))
      .join('\n') || undefined
  )
}

/** What stands in code. */
function words(text: string): Set<string> {
  const code = [...text.matchAll(/`([^`]+)`/g)].map(([, span]) => span!)
  return new Set(code.flatMap((span) => span.match(/[A-Za-z_][\w-]*/g) ?? []))
}

function lackingIn(
  types: ReadonlyMap<string, ContractType>,
  others: ReadonlyMap<string, ContractType>,
): string[] {
  return [...others].flatMap(([type, {fields, texts}]) => {
    const mine = types.get(type)
    if (mine === undefined) return [type]
    return [
      ...[...fields].filter((name) => !mine.fields.has(name)),
      ...[...texts].filter((name) => !mine.texts.has(name)),
    ].map((name) => `${type}: ${name}`)
  })
}

const FROM_BACKENDS = [
  'Backend', 'Invocation', 'Refusal', 'Reader', 'BackendEvent', 'Verdict', 'Program', 'Question', 'Findings',
  'ConversationRecord', 'Forgotten', 'Contribution', 'TurnEvent',
] // prettier-ignore
const FROM_CLINVK = [
  'Turn',
  'Host',
  'AgentExit',
  'Run',
  'Conversation',
  'InteractiveWish',
  'ProgramAnswer',
  'Files',
  'Ask',
]
