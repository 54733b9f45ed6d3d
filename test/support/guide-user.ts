import {execFileSync} from 'node:child_process'
import {rmSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {CliUser} from './cli-user.js'
import {linkKeeperAgent} from './keeper-agent.js'
import {linkBackendPlugin} from './link-plugin.js'
import {type Finished, ROOT, wordsOf} from './sandbox.js'
import {minutesAgo, storeSession} from './stored-session.js'

/** A user who types what guides and help texts show: with the sessions, files and agents named there. */
export class GuideUser extends CliUser {
  constructor() {
    super({CLINVK_BACKEND: 'echo', PATH: `${dirname(process.execPath)}:/usr/bin:/bin`})
    this.installProgram('clinvk', `exec node ${join(ROOT, 'bin/run.js')} "$@"`)
    // No real agent is asked.
    for (const name of ['claude', 'codex', 'gemini']) {
      this.installProgram(name, 'cat')
      linkBackendPlugin(this, name, PRINTS_PROMPT, {descriptor: {...CAN, executable: name}})
    }

    // It has a conversation of which clinvk knows nothing yet.
    linkKeeperAgent(this)
    const record = [{cwd: this.directory('project')}, {type: 'text', role: 'user', text: 'fix the bug'}]
    const lines = record.map((line) => `${JSON.stringify({...line, at: '2026-01-31T09:30:00Z'})}\n`)
    this.write('.keeper/759bf483-f7e0-46ad-9907-301d22af6af5.jsonl', lines.join(''))
    this.installProgram('git', 'echo a diff')
    this.write('project/question.md', 'why?\n')
    this.directory('project/app')
    this.directory('new-name')
  }

  /** Of the project, in which what works in a worktree changes something. */
  makeRepository(): void {
    rmSync(join(this.home, 'bin/git'))
    this.env.CLINVK_WORKTREE_SETUP = 'date > notes.txt'
    this.write('.gitconfig', '[user]\nname = a\nemail = a@localhost\n')
    for (const words of [
      ['init', '-q'],
      ['add', '.'],
      ['commit', '-qm', 'all'],
    ])
      execFileSync('git', words, {cwd: this.project, env: this.env})
  }

  storeSessions(): void {
    const resumable = {backend_session_id: 'x', backend_state: {turns: 1}, last_outcome: 'success'}
    const [recent, older] = [minutesAgo(5), minutesAgo(9)]
    const id = storeSession(this, 'abc123', {...resumable, last_used: recent, tags: ['urgent', 'bug']})
    const time = older
    const said = [
      {type: 'turn', time, prompt: 'why?'},
      {type: 'text', time, text: 'Because.'},
      {type: 'turn', time, prompt: 'and how?'},
      {type: 'text', time, text: 'So.'},
    ]
    this.write(`.clinvk/transcripts/${id}.jsonl`, said.map((line) => JSON.stringify(line)).join('\n'))
    storeSession(this, 'def456', {...resumable, last_used: older, backend: 'codex'})
    storeSession(this, 'cab456', {...resumable, last_used: older, working_dir: join(this.home, 'old-name')})
    storeSession(this, 'fed456', {...resumable, last_used: older, backend: 'claude', name: 'auth-fix-2'})
  }

  /** Runs a line of a shell, in this process where it is one command. */
  type(line: string): Promise<Finished> {
    if (/^(?!clinvk )|[|<>$~]/.test(line)) return this.run('sh', ['-c', line]).finished
    return this.clinvk(wordsOf(line).slice(1))
  }
}

/** Which session is not said, or no prompt is given. */
export const NEEDS_TERMINAL =
  /^clinvk resume (--interactive.*|--here|--backend \w+|--last|\w+( --workdir \S+)?)$/
/** A backend that passes the prompt on and the answer back; by a schema, that there are no bugs. */
const PRINTS_PROMPT = `export default {
  plan: ({prompt, schema}) => ({kind: 'invocation', args: [], stdin: schema ? '{"bugs": []}' : prompt}),
  reader: () => ({
    line: (line) => [{type: 'text', text: line + '\\n'}],
    end: ({code}) => code === 0 ? {outcome: 'success'} : {outcome: 'failed', message: 'it failed'},
  }),
}`
const CAN = {
  capabilities: {
    ephemeral: true,
    resume: true,
    schema: true,
    sandbox: ['read-only'],
    maxCost: true,
    maxTurns: true,
    usageWhileRunning: true,
  },
}
