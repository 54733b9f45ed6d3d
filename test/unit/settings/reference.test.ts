import assert from 'node:assert/strict'
import {execFileSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {ROOT} from '../../support/sandbox.js'

const read = (name: string) => readFileSync(join(ROOT, 'docs/reference', name), 'utf8')

describe('the reference of settings', () => {
  it('is written by `npm run docs` from the schema as it is', () => {
    const output = execFileSync(
      process.execPath,
      ['--import', 'tsx', join(ROOT, 'build/docs.js'), '--check'],
      {
        encoding: 'utf8',
      },
    )
    assert.equal(output, '')
  })

  it('has each setting, with its default and what it does', () => {
    const page = read('configuration.md')
    for (const row of [
      '| `continue_scope` | any, here | `any` | Which session `-c` continues: ',
      '| `backends.echo.delay` | a whole number, 0 or more |  | Milliseconds of pause',
      '| `default_tags` | a list of texts | `[]` | Tags of every new session. |',
    ])
      assert.ok(page.includes(row), row)
  })

  it('gives editors a JSON Schema: keys, values, and that others are wrong', () => {
    const schema = JSON.parse(read('config.schema.json')) as Schema
    assert.equal(schema.additionalProperties, false)
    const {backends, session, unified_flags: unified} = schema.properties!
    assert.deepEqual(unified?.properties?.sandbox_mode?.enum, ['default', 'read-only', 'workspace', 'full'])
    assert.deepEqual(session?.type, ['object', 'null'], 'a section may hold nothing but comments')
    assert.equal(session.additionalProperties, false)
    assert.equal(backends?.properties?.echo?.properties?.delay?.type, 'integer')
    assert.equal(backends.properties.claude?.properties?.delay, undefined)
    assert.equal(typeof backends.additionalProperties, 'object', 'other backends may be installed')
  })
})

interface Schema {
  type?: string | string[]
  enum?: string[]
  properties?: Record<string, Schema | undefined>
  additionalProperties?: boolean | Schema
}
