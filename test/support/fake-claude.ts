import {readFileSync} from 'node:fs'
import {delimiter, join} from 'node:path'
import {UserOfAgents} from './agent-user.js'
import {ROOT, type Finished, type Running, type RunOptions} from './sandbox.js'
import {waitFor} from './wait-for.js'

interface FakeOptions extends RunOptions {
  /** How much it prints, where the behaviour has a size. */
  readonly size?: number
}

/** A machine whose `claude` is `test/fixtures/agents/claude`, which does what a test wants. */
export class FakeClaude extends UserOfAgents {
  protected override setUp(): void {
    super.setUp()
    this.env.PATH = [join(ROOT, 'test/fixtures/agents'), this.env.PATH].join(delimiter)
    this.env.FAKE_CLAUDE_LOG = join(this.home, 'fake-claude.log')
  }

  /** A prompt to a claude that behaves like this. */
  begin(behaviour: string, words: readonly string[] = [], options: FakeOptions = {}): Running {
    return this.start([...words, 'do it'], this.behaving(behaviour, options))
  }

  prompt(behaviour: string, words: readonly string[] = [], options: FakeOptions = {}): Promise<Finished> {
    return this.begin(behaviour, words, options).finished
  }

  /** Options of a run in which claude behaves like this. */
  behaving(behaviour: string, {env, size = 0, ...options}: FakeOptions = {}): RunOptions {
    return {...options, env: {...env, FAKE_CLAUDE: behaviour, FAKE_CLAUDE_SIZE: String(size)}}
  }

  /** A line of shell in which `$CLINVK` is the command. */
  shell(line: string, behaviour: string, options: FakeOptions = {}): Running {
    const {env, ...rest} = this.behaving(behaviour, options)
    const clinvk = `${process.execPath} ${join(ROOT, 'bin/run.js')}`
    return this.run('sh', ['-c', line], {...rest, env: {...env, CLINVK: clinvk}})
  }

  /** What claude has written down of its own life. */
  log(): string {
    try {
      return readFileSync(this.env.FAKE_CLAUDE_LOG!, 'utf8')
    } catch {
      return ''
    }
  }

  /** Resolves when claude has written this down. */
  logged(words: string): Promise<string> {
    return waitFor(`claude logs "${words}"`, () => (this.log().includes(words) ? this.log() : undefined))
  }
}
