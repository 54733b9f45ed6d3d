import assert from 'node:assert/strict'
import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {GuideUser, NEEDS_TERMINAL} from '../support/guide-user.js'
import {ROOT} from '../support/sandbox.js'

const manifest = JSON.parse(readFileSync(join(ROOT, 'oclif.manifest.json'), 'utf8')) as {
  commands: Record<string, unknown>
}
const ofPlugins = ['sessions', 'history']
  .flatMap((name) => readdirSync(join(ROOT, `plugins/${name}/src/commands`), {recursive: true}).map(String))
  .filter((path) => path.endsWith('.ts'))
  .map((path) => path.replace(/(\/index)?\.ts$/, ''))
const commands = [...Object.keys(manifest.commands), ...ofPlugins].map((id) => id.split(/[:/]/).join(' '))

describe('help', () => {
  let user: GuideUser
  before(() => {
    user = new GuideUser()
    Object.assign(user.env, {EDITOR: 'true', SHELL: '/bin/bash'})
    user.directory('app')
    // What the examples name.
    user.write('project/team.yaml', '')
    user.write('project/task.md', 'do it')
    user.write('project/tasks.yaml', '[a b]')
    user.write('project/tasks.json', '["a b"]')
    user.write('project/steps.yaml', '[a b]')
    user.write('project/steps.json', '["a b"]')
  })
  after(() => user.remove())
  const help = async (...words: string[]) => (await user.clinvk([...words, '--help'])).stdout

  it('of clinvk itself shows the flags that people need, and each command once', async () => {
    const text = await help()
    const rows = (header: string) =>
      new RegExp(`^${header}\\n((?: .*\\n?)+)`, 'm').exec(text)![1]!.match(/^ {2,6}-\S+|^ {2}\w+/gm)
    assert.equal(rows('FLAGS')?.length, 6)
    const names = [...new Set(commands.map((command) => `  ${command.split(' ')[0]!}`))]
    assert.deepEqual(rows('COMMANDS'), names.sort())
    assert.doesNotMatch(text, /TOPICS/)
  })

  it('of resume shows no flags that resume refuses', async () => {
    assert.doesNotMatch(await help('resume'), /--(new|name|ephemeral)\b/)
  })

  it('has a line for each value of a mode, and none for one that is always refused', async () => {
    const text = await help('prompt')
    for (const value of ['default', 'auto', 'none', 'read-only', 'workspace', 'full', 'json', 'text'])
      assert.match(text, RegExp(`^ {20,}${value}: \\w+`, 'm'))
    assert.doesNotMatch(text, /<options|always:/)
  })

  for (const command of ['parallel', 'chain']) {
    it(`of ${command} shows a run file that can be pasted`, async () => {
      const yaml = /A run file:\n\n((?: .*\n)+)/.exec(await help(command))![1]!
      const {code, stderr, stdout} = await user.clinvk([command, '--quiet'], {stdin: yaml})
      assert.equal(code, 0, stderr + stdout)
    })
  }

  for (const command of commands) {
    it(`of clinvk ${command} has a usage line that can be read, and examples that work`, async () => {
      const text = await help(...command.split(' '))
      if (command === 'help') return
      assert.match(text, /^USAGE\n {2}\$ clinvk [a-z ]+( (--[a-z-]+ )?\[?[A-Z|a-z]+(\.\.\.)?\]?)*$/m)
      for (const [, line] of (text.split(/^EXAMPLES$/m)[1] ?? '').matchAll(/^ +(?:\$ )?(.*\bclinvk .*)$/gm)) {
        const [typed = '', filter] = line!.split(/ \| (?=jq )/)
        if (NEEDS_REGISTRY.test(typed)) continue
        user.storeSessions()
        const {code, stderr, stdout} = await user.type(typed.replace(/ +#.*/, ''))
        if (filter !== undefined) JSON.parse(stdout)
        if (NEEDS_MORE.test(typed))
          assert.doesNotMatch(stderr, /^Error: (Unknown (flag|comm)|Unexpected|Missing)/)
        else assert.equal(code, 0, typed + stderr)
      }
    })
  }
})

/** A terminal, a yes, a plugin, a name, an archive, a run. */
const NEEDS_MORE = RegExp(
  `${NEEDS_TERMINAL.source}|plugins|doctor|backends|edit$|init|auth-fix|search --interactive|history restore|runs (?!--)|parallel .* --worktree`,
)
const NEEDS_REGISTRY = /plugins (install|update|reset --)/
