import {claudeEnv, codexEnv, geminiEnv} from '../support/agent-env.js'
import {startModelServer} from '../support/model-server/index.js'
import {Sandbox} from '../support/sandbox.js'
import {scriptAnswers} from './answers.js'
import {Stage} from './stage.js'

/** `npm run demo`: the main job, first offline, then with the real agents. Leaves nothing behind. */
async function demo(): Promise<void> {
  const server = await startModelServer()
  const user = new Sandbox()
  const {PATH: path = ''} = user.env
  const machine = {url: server.url, home: user.home, path}
  const stage = new Stage(user, {...codexEnv(machine), ...geminiEnv(machine), ...claudeEnv(machine)})
  try {
    stage.say('The model in this demo is simulated on this machine: no account is used, nothing goes out.')

    stage.heading('Without any agent: the echo backend')
    await stage.clinvk(['-b', 'echo', 'hello, what do you do?'])
    await stage.clinvk(['-c', 'do you remember me?'])
    await stage.clinvk(['sessions', 'list'])

    stage.heading('With the real Claude Code')
    scriptAnswers(server, user.project)
    stage.file('auth.go', 'package auth\n\nfunc Allowed(age int) bool { return age > 18 }\n')
    await stage.clinvk(['fix the bug in auth.go: 18 is allowed'])
    stage.say('It may read, but not write. The notice above says how to go on:')
    await stage.clinvk(['resume', stage.lastId(), '--approval-mode', 'auto', 'continue'])
    stage.show('auth.go')
    await stage.clinvk(['sessions', 'show', '@last'])

    stage.heading('From another directory: the agent runs where its session belongs')
    await stage.clinvk(['resume', '--last', 'now add tests'], {cwd: user.directory('elsewhere')})

    stage.heading('Ctrl-C, and pick up again')
    await stage.interrupted(['rewrite everything in Rust'], server.arrived('Rust'))
    await stage.clinvk(['-c', 'stop, keep it in Go'])

    stage.heading('The same with the real Codex and Gemini CLI, and from one to the other')
    await stage.clinvk(['-b', 'codex', '--approval-mode', 'auto', 'write a note for the release'])
    stage.show('NOTES.md')
    await stage.clinvk(['-b', 'gemini', '-m', 'fast', 'who reviews it?'])
    await stage.clinvk(['-c', '-b', 'codex', 'and the version?'])
    await stage.clinvk(['sessions', 'list'])
    stage.say('That was all. What the demo wrote is gone again; next: README.md, "Use it".')
  } finally {
    await server.close()
    user.remove()
  }
}

await demo()
