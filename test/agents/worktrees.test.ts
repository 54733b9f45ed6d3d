import assert from 'node:assert/strict'
import {execFileSync} from 'node:child_process'
import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {withEveryAgent} from '../support/agent-user.js'
import {AGENTS} from '../support/agents.js'
import {type Report, reportOf} from '../support/runs.js'

/** Commits a file with the name of the task, with which its directory ends. */
const MAKE = `n=\${PWD##*-}
echo $n > $n.txt
git add $n.txt
git diff --cached --quiet || git -c user.name=a -c user.email=a@localhost commit -qm $n
`
const BACKENDS = ['claude', 'codex', 'gemini'] as const
const OPTIONS = {
  claude: {allowed_tools: 'Bash'},
  codex: {sandbox_mode: 'full'},
  gemini: {allowed_tools: 'run_shell_command', model: 'fast'},
}
const NEEDS: Record<number, string[]> = {4: ['t1'], 5: ['t2'], 6: ['t3'], 7: ['t4', 't5'], 8: ['t6']}

describe('a run of real agents in worktrees', () => {
  const machine = withEveryAgent()

  it('that is killed three times ends with every task done once, and its file in its branch', async function () {
    this.timeout(400_000)
    const {server, user} = machine
    const git = (...words: string[]) =>
      execFileSync('git', words, {cwd: user.project, env: user.env, encoding: 'utf8'}).trim()
    git('init', '-q')
    user.write('project/make.sh', MAKE)
    git('add', '.')
    git('-c', 'user.name=a', '-c', 'user.email=a@localhost', 'commit', '-qm', 'start')
    const tools = AGENTS.filter(({name}) => name !== 'opencode').map((agent) => agent.shell('sh make.sh'))
    // Each agent has one of these tools, and gets an error for the others; the end of a killed one may break its call off.
    server.when(/make t\d|was interrupted/, {tools}, {tools}, {text: 'made'})
    const tasks = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => {
      const backend = BACKENDS[number % 3]!
      return {
        name: `t${number}`,
        prompt: `make t${number}`,
        backend,
        needs: NEEDS[number],
        ...OPTIONS[backend],
      }
    })
    let run = user.start(['parallel', '--worktree', '--json'], {stdin: JSON.stringify({tasks})})
    for (const prompt of ['make t1', 'make t4', 'make t7']) {
      await server.arrived(prompt, 1, 90_000)
      run.child.kill('SIGKILL')
      await run.finished
      run = user.start(['runs', 'resume', '@last', '--json'])
    }
    const finished = await run.finished
    const report: Report = reportOf(finished)
    assert.deepEqual(
      report.results.map(({error, outcome}) => [outcome, error]),
      tasks.map(() => ['success', undefined]),
      finished.stdout + finished.stderr,
    )
    for (const [index, {worktree}] of report.results.entries()) {
      const {branch} = worktree as {branch: string}
      assert.equal(git('show', `${branch}:t${index + 1}.txt`), `t${index + 1}`)
      assert.equal(git('rev-list', '--count', `HEAD..${branch}`), '1')
    }
    assert.equal(git('branch', '--list', 'clinvk/*').split('\n').length, 8)
    assert.equal(git('status', '--porcelain'), '')
    const runs = join(user.home, '.clinvk/runs')
    const log = readFileSync(join(runs, readdirSync(runs)[0]!, 'log.jsonl'), 'utf8').split('\n')
    const done = log.flatMap((line) =>
      line.includes('"type":"done"') ? [(JSON.parse(line) as {task: number}).task] : [],
    )
    assert.deepEqual(done.sort(), [1, 2, 3, 4, 5, 6, 7, 8])
    assert.deepEqual(user.processes(), [])
  })
})
