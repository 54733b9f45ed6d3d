import assert from 'node:assert/strict'
import type {Installed} from 'clinvk-kit/settings/load'
import {resolveSettings} from 'clinvk-kit/settings/resolve'

const INSTALLED: Installed = {
  backends: new Map([
    ['codex', {descriptor: {capabilities: {sandbox: ['read-only', 'workspace', 'full'] as const}}}],
  ]),
  plugins: [],
}

/** The user's modes, those of a project, and what is in force: approval, sandbox. */
const STRICTER: Record<string, [user: string, project: string, result: string]> = {
  'a sandbox where the user has none': ['', 'sandbox_mode: read-only', 'default, read-only'],
  'less than everything': ['sandbox_mode: full', 'sandbox_mode: read-only', 'default, read-only'],
  'the working directory': ['sandbox_mode: full', 'sandbox_mode: workspace', 'default, workspace'],
  // Codex has no approval: `auto` is a sandbox there, and without it codex's own settings would decide.
  'no edits without asking': ['approval_mode: auto', 'approval_mode: none', 'none, read-only'],
  'no edits at all': ['approval_mode: auto', 'sandbox_mode: read-only', 'none, read-only'],
}

const IGNORED: [user: string, project: string][] = [
  ['', 'sandbox_mode: full'],
  ['', 'sandbox_mode: workspace'],
  ['', 'approval_mode: auto'],
  ['sandbox_mode: read-only', 'sandbox_mode: full'],
  ['sandbox_mode: read-only', 'sandbox_mode: workspace'],
  ['sandbox_mode: read-only', 'sandbox_mode: default'],
  ['sandbox_mode: workspace', 'sandbox_mode: default'],
  ['approval_mode: none', 'approval_mode: auto'],
  ['approval_mode: none', 'approval_mode: default'],
  ['approval_mode: auto', 'approval_mode: default'],
]

describe('the permissions of a project', () => {
  const resolve = (user: string, project: string) => {
    const {settings, warnings} = resolveSettings({
      env: {},
      user: {file: 'user', text: `unified_flags: {${user}}\n`},
      project: {file: 'project', text: project},
      installed: INSTALLED,
    })
    const {approval_mode: approval, sandbox_mode: sandbox} = {
      ...settings.unified_flags,
      ...settings.backends.codex,
    }
    return {modes: `${approval}, ${sandbox}`, warnings}
  }
  const SECTIONS = ['unified_flags: {WISH}\n', 'backends: {codex: {WISH}}\n']

  for (const [what, [user, wish, result]] of Object.entries(STRICTER)) {
    it(`may be stricter: ${what}`, () => {
      for (const section of SECTIONS)
        assert.deepEqual(resolve(user, section.replace('WISH', wish)), {modes: result, warnings: []})
    })
  }

  for (const [user, wish] of IGNORED) {
    it(`may not be looser: ${wish} where the user has ${user || 'nothing'}`, () => {
      for (const section of SECTIONS) {
        const {modes, warnings} = resolve(user, section.replace('WISH', wish))
        assert.equal(modes, resolve(user, '').modes)
        assert.match(
          warnings.join('\n'),
          /^project:1:\d+: (unified_flags|backends\.codex)\.\w+_mode is ignored: a project may only be stricter than your settings, which say [a-z-]+\.$/,
        )
      }
    })
  }
})
