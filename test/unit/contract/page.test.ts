import assert from 'node:assert/strict'
import {cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {compile, CONTRACT, contractTypes} from '../../support/contract-types.js'
import {ROOT} from '../../support/sandbox.js'

describe('the page of the contract', () => {
  const page = readFileSync(join(ROOT, 'docs/plugins/contract.md'), 'utf8')
  const types = contractTypes()

  it('names every type, field and text of the types, each where its type is explained', () => {
    const missing = [...types].flatMap(([type, names]) => {
      const place = placeOf(type, page)
      if (place === undefined) return [type]
      const named = words(place)
      // Which `type` an event has is one of its texts.
      return [...names]
        .filter((name) => name !== 'type' && !named.has(name))
        .map((name) => `${type}: ${name}`)
    })
    assert.deepEqual(missing, [], 'docs/plugins/contract.md does not name these')
  })

  it('has nothing in its tables that the types do not have', () => {
    const known = new Set([...types].flatMap(([type, names]) => [type, ...names]))
    const rows = page.split('\n').filter((line) => line.startsWith('|'))
    const names = rows.flatMap((row) => [...row.matchAll(/`([A-Za-z_][\w-]*)`/g)].map(([, name]) => name!))
    assert.deepEqual(
      names.filter((name) => !known.has(name)),
      [],
    )
  })

  it('has TypeScript that compiles', () => {
    const blocks = [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code!)
    assert.ok(blocks.length > 0)
    const root = mkdtempSync(join(tmpdir(), 'clinvk-page-'))
    try {
      mkdirSync(join(root, 'src'))
      writeFileSync(join(root, 'package.json'), '{"type": "module"}')
      cpSync(CONTRACT, join(root, 'contract.d.ts'))
      const files = blocks.map((code, index) => {
        const file = join(root, `src/${index}.ts`)
        writeFileSync(file, code)
        return file
      })
      assert.deepEqual(compile(files), [])
    } finally {
      rmSync(root, {recursive: true})
    }
  })
})

/** The section with a type in its heading; otherwise the row, list item or paragraph that names it. */
function placeOf(type: string, page: string): string | undefined {
  const sections = page.split(/^(?=#+ )/m)
  const own = sections.find((section) => section.split('\n')[0]!.includes(`\`${type}\``))
  if (own !== undefined) return own
  const parts = page.split(/\n(?=\n|\||- )/).filter((part) => part.includes(`\`${type}\``))
  return parts.join('\n') || undefined
}

/** What stands in code. */
function words(text: string): Set<string> {
  const code = [...text.matchAll(/`([^`]+)`/g)].map(([, span]) => span!)
  return new Set(code.flatMap((span) => span.match(/[A-Za-z_][\w-]*/g) ?? []))
}
