import {join} from 'node:path'
import type {ModelServer} from '../support/model-server/index.js'

/** What the simulated model answers to the prompts of the demo. */
export function scriptAnswers(server: ModelServer, project: string): void {
  const file = join(project, 'auth.go')
  const read = {name: 'Read', input: {file_path: file}}
  const edit = {name: 'Edit', input: {file_path: file, old_string: 'age > 18', new_string: 'age >= 18'}}
  const pace = {chunks: 24, chunkMs: 25}
  server.when(
    'fix the bug',
    {text: 'I read the file first.', tools: [read], ...pace},
    {text: 'The comparison excludes 18; it must be `>=`.', tools: [edit], ...pace},
    {text: 'I am not allowed to edit auth.go yet.', ...pace},
  )
  server.when('continue', {tools: [edit]}, {text: 'Fixed: `age >= 18`.', ...pace})
  server.when('now add tests', {text: 'In auth_test.go I would check 17, 18 and 19.', ...pace})
  server.when('Rust', {
    text: 'Let me begin with the borrow checker, which '.repeat(2),
    chunks: 12,
    chunkMs: 60,
    hang: 'stream',
  })
  const note = `*** Begin Patch\n*** Add File: NOTES.md\n+# Release\n+- 18 is allowed\n*** End Patch\n`
  server.when(
    'a note for the release',
    {tools: [{name: 'apply_patch', input: note}]},
    {text: 'The note is in NOTES.md.'},
  )
  server.when('who reviews it', {text: 'Ada, she knows auth.go best.', ...pace})
  server.when('and the version', {text: '1.4.1: it is a bug fix.'})
  server.when('keep it in Go', {text: 'Go it is. Nothing was changed.', ...pace})
}
