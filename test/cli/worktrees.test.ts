import assert from 'node:assert/strict'
import {existsSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {linkBackendPlugin} from '../support/link-plugin.js'
import {RepositoryUser} from '../support/repository.js'
import type {Report} from '../support/runs.js'
import {ends, json} from '../support/sandbox.js'
import {scenes} from '../support/scenes.js'

/** Its agent is a shell: what it runs is the prompt. */
const SHELL = `export default {
  plan: ({prompt}) => ({kind: 'invocation', args: ['-e'], stdin: prompt}),
  reader: ({session: {id}}) => {
    let said = [{type: 'session', backend_session_id: id}]
    const all = (event) => [...said.splice(0), event]
    return {
      line: (line) => all({type: 'text', text: line + '\\n'}),
      end: ({code}) => (code === 0 ? {outcome: 'success'} : {outcome: 'failed', message: 'it failed'}),
    }
  },
}`

describe('clinvk parallel --worktree', () => {
  const user = new RepositoryUser({CLINVK_BACKEND: 'shell'}).forEachTest()
  beforeEach(() =>
    linkBackendPlugin(user, 'shell', SHELL, {
      descriptor: {executable: 'sh', capabilities: {resume: true, ephemeral: true}},
    }),
  )
  const parallel = async (tasks: unknown[], words: string[] = ['--worktree']) => {
    const finished = await user.clinvk(['parallel', '--json', ...words], {stdin: JSON.stringify(tasks)})
    return {...finished, ...(json(finished) as unknown as Report)}
  }
  const read = (...path: string[]) => readFileSync(join(...path), 'utf8')
  const treeOf = (report: Report, task = 0) => report.results[task]!.worktree as Record<string, string>
  const home = () => join(user.home, '.clinvk/worktrees')

  scenes(user, 'worktrees')

  it('runs each task in a tree and a branch of its own, and keeps those in which something has changed', async () => {
    const report = await parallel(
      [
        {name: 'edit', prompt: 'pwd; echo edited > a.txt; git commit -qam edit'},
        {name: 'add', prompt: 'pwd; echo new > new.txt'},
        {name: 'look', prompt: 'pwd; cat a.txt; echo "$GIT_DIR"'},
      ],
      ['--worktree', '--max-parallel', '8'],
    )
    assert.equal(report.code, 0, report.stdout)
    const [edit, add, look] = report.results.map((_, task) => treeOf(report, task))
    assert.equal(report.results[0]!.output, `${edit!.path}\n`)
    assert.deepEqual([edit!.removed, add!.removed, look!.removed], [false, false, true])
    assert.deepEqual(edit!.reasons, ['1 commit'])
    assert.equal(edit!.stat, '1 file changed, 1 insertion(+), 3 deletions(-)')
    assert.deepEqual(user.git('branch --list clinvk/* --format=%(refname:short)').split('\n'), [
      add!.branch,
      edit!.branch,
    ])
    assert.equal(user.git('status --porcelain'), '')
    assert.equal(read(user.project, 'a.txt'), 'one\ntwo\nthree\n')
    const session = user.sessions().find(({id}) => id === report.results[1]!.session_id)!
    assert.deepEqual(
      [session.working_dir, session.worktree],
      [add!.path, {repository: user.project, path: add!.path, branch: add!.branch, base: add!.base}],
    )
  })

  it('prints what is kept, and how to see it, take it over and throw it away', async () => {
    user.write(
      'tasks.yaml',
      'worktree: true\ntasks:\n- {name: add, prompt: echo new > new.txt}\n- {prompt: pwd, worktree: false}\n',
    )
    user.write('project/mine.txt', 'mine')
    const {stderr, stdout} = await ends(user.clinvk(['parallel', '-f', '../tasks.yaml']), {code: 0})
    assert.match(
      stderr,
      /Note: 1 uncommitted change is not in the worktrees\. To take them along: --worktree-dirty copy/,
    )
    assert.match(stdout, new RegExp(`\\] ${user.project}\n`))
    const [, id] = /runs diff (\w{8}) /.exec(stdout)!
    assert.match(
      stdout,
      /1 worktree kept:\n {2}add: clinvk\/\w{8}\/add, 1 file changed, 1 insertion\(\+\)\n {4}\/.*-add\n/,
    )
    await ends(user.clinvk(['runs', 'diff', id!]), {code: 0, stdout: /^# add: .*\n(.*\n)*\+new\n$/})
    await ends(user.clinvk(['runs', 'diff', id!, '--stat']), {
      code: 0,
      stdout: `# add: clinvk/${id}/add, 1 file changed, 1 insertion(+)\n`,
    })
    await ends(user.clinvk(['runs', 'show', id!]), {code: 0, stdout: /1 worktree kept:/})
    const log = join(user.home, '.clinvk/runs', readdirSync(join(user.home, '.clinvk/runs'))[0]!, 'log.jsonl')
    writeFileSync(log, read(log).replaceAll('"at":"20', '"at":"19'))
    await ends(user.clinvk(['runs', 'clean', '--older-than', '1d']), {
      code: 0,
      stdout: 'Deleted 0 runs.\n',
      stderr: /1 run kept because of worktrees/,
    })
    await ends(user.clinvk(['runs', 'apply', id!, 'add']), {
      code: 0,
      stdout: /^Staged from add: 1 file changed/,
    })
    assert.equal(user.git('status --porcelain'), 'A  new.txt\n?? mine.txt')
    await ends(user.clinvk(['runs', 'drop', id!]), {
      code: 1,
      stdout: 'add: 1 uncommitted file\n',
      stderr: /This would remove 1 worktree/,
    })
    const {stdout: dropped} = await ends(user.clinvk(['runs', 'drop', id!, '--yes']), {code: 0})
    const [, again] = /To get it back: (git .*)\n/.exec(dropped)!
    user.git(again!.slice(4))
    assert.equal(user.git(`show clinvk/${id}/add:new.txt`), 'new')
    assert.deepEqual(
      readdirSync(
        join(
          home(),
          readdirSync(home()).find((name) => name.startsWith('project'))!,
        ),
      ),
      [],
    )
    for (const command of ['diff', 'apply', 'drop'])
      await ends(user.clinvk(['runs', command, id!]), {code: 1, stderr: /has no worktree with changes/})
  })

  it('sets trees up, and fails a task whose set-up fails before its agent starts', async () => {
    user.write(
      '.clinvk/config.yaml',
      'worktree: {setup: "echo made > made; ! test -e broken", root: ~/trees}\n',
    )
    const good = await parallel([{prompt: 'cat made'}])
    assert.equal(good.results[0]!.output, 'made\n')
    assert.match(treeOf(good).path!, new RegExp(`^${user.home}/trees/`))
    user.commit('broken', '')
    const bad = await parallel([{prompt: 'echo ran'}])
    assert.equal(bad.results[0]!.output, undefined)
    assert.match(String(bad.results[0]!.error), /The set-up of the worktree failed with 1/)
    // A repository that somebody else made runs no command unasked.
    user.write('.clinvk/config.yaml', '')
    user.write('project/.clinvk.yaml', 'worktree: {setup: "touch /tmp/never"}\n')
    await ends(user.clinvk(['parallel', '--worktree', 'ls']), {code: 0, stderr: /worktree\.setup is ignored/})
  })

  it('continues a session in its tree, which is made again where nothing had changed', async () => {
    const report = await parallel([{prompt: 'echo one'}, {prompt: 'echo | tee new.txt'}])
    const [session, other] = report.results.map(({session_id: id}) => String(id))
    const {path} = treeOf(report)
    assert.equal(existsSync(path!), false)
    await ends(user.clinvk(['resume', session!, 'pwd', '--dry-run']), {
      code: 4,
      stderr: /dry run does not make/,
    })
    const {stderr} = await ends(user.clinvk(['resume', session!, 'pwd; git branch --show-current']), {
      code: 0,
      stdout: `${path}\n${treeOf(report).branch}\n`,
    })
    assert.match(stderr, /The worktree was made again/)
    rmSync(treeOf(report, 1).path!, {recursive: true})
    await ends(user.clinvk(['resume', other!, 'pwd']), {
      code: 4,
      stderr: /does not exist any more\.\n {2}Make it again: git -C /,
    })
    assert.match((await user.clinvk(['sessions', 'show', session!])).stdout, /^Worktree: +"?clinvk\//m)
  })

  it('takes up a task whose process was killed in the tree that it had', async () => {
    const report = await parallel([{prompt: 'echo half > half.txt; exit 1', name: 'half'}])
    const {path} = treeOf(report)
    writeFileSync(join(path!, 'half.txt'), 'kept')
    const [run] = readdirSync(join(user.home, '.clinvk/runs'))
    const log = join(user.home, '.clinvk/runs', run!, 'log.jsonl')
    // As if it had been killed while its agent was running.
    const lines = read(log).split('\n')
    const until = lines.findIndex((line) => line.includes('"session"') && !line.includes('"done"')) + 1
    writeFileSync(log, `${lines.slice(0, until).join('\n')}\n`)
    const id = String(report.results[0]!.session_id)
    const file = join(user.home, `.clinvk/sessions/${id}.json`)
    writeFileSync(file, read(file).replace(/"last_outcome": "\w+"/, '"last_outcome": "cancelled"'))
    const resumed = json(await user.clinvk(['runs', 'resume', run!, '--json'])) as unknown as Report
    assert.equal(treeOf(resumed).path, path)
    assert.equal(read(path!, 'half.txt'), 'kept')
    assert.equal(user.git('branch --list clinvk/*').split('\n').length, 1)
  })
})
