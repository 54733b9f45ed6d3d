import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'
import {FakeClaude} from '../support/fake-claude.js'
import {ends, jsonLines, ROOT} from '../support/sandbox.js'
import {waitFor} from '../support/wait-for.js'

describe('standard streams', () => {
  const claude = new FakeClaude().forEachTest()
  const session = () => claude.sessions()[0]
  /** Lines of which some thousand are more than clinvk reads ahead. */
  const WIDE = {FAKE_CLAUDE_WIDTH: '20000'}
  const code = () => Number(readFileSync(join(claude.project, 'code'), 'utf8'))

  it('wait for a reader that pauses: 1 MB arrives whole, with the right exit code', async () => {
    const line = `($CLINVK "do it"; echo $? > code) | (sleep 4; wc -c)`
    const {stdout} = await claude.shell(line, 'long-answer-429', {size: 1_000_000}).finished
    assert.deepEqual([Number(stdout), code()], [1_000_001, 9])
  })

  for (const format of ['text', 'json', 'stream-json']) {
    it(`may be closed early (| head -1, ${format}): the turn is finished, with its own exit code`, async () => {
      const {stderr} = await claude.shell(
        `($CLINVK -o ${format} "do it"; echo $? > code) | head -1`,
        'long-answer-429',
        {size: 5_000_000},
      ).finished
      assert.equal(code(), 9)
      assert.equal(stderr, 'Error: Request rejected (429)\n')
      assert.equal(session()?.last_outcome, 'rate_limit')
      assert.equal(session()?.running, undefined)
    })
  }

  for (const closed of ['<&-', '2>&-', '<&- >&- 2>&-']) {
    it(`may be closed from the beginning (${closed})`, async () => {
      const {stdout} = await claude.shell(`($CLINVK "do it" ${closed}); echo $? > code`, 'answers').finished
      assert.equal(stdout, closed.includes(' >&-') ? '' : 'Hello.\n')
      assert.equal(code(), 0)
      assert.equal(session()?.last_outcome, 'success')
    })
  }

  if (existsSync('/dev/full')) {
    for (const [words, outcome] of [
      ['"do it"', 'success'],
      ['-o stream-json "do it"', 'success'],
      ['sessions list --json', undefined],
    ]) {
      it(`report output that could not be written (${words}); the turn is recorded all the same`, async () => {
        const line = `$CLINVK ${words} > /dev/full; echo $? > code`
        const {stderr} = await claude.shell(line, 'answers').finished
        assert.match(stderr, /^Error: The output could not be written: .*no space left on device/)
        assert.deepEqual([code(), session()?.last_outcome], [1, outcome])
      })
    }
  }

  it('lose nothing when the agent exits before anybody reads', async () => {
    const size = 5_000_000
    const reader = slowReader('exits-unread', size, {env: {FAKE_CLAUDE_PATIENCE: '20000'}})
    await claude.logged('exits')
    const printed = (await text(reader.child.stdout)).trimEnd().split('\n')
    const done = JSON.parse(printed.at(-1)!) as {type: string; content: string}
    assert.deepEqual([done.type, done.content.length], ['done', size])
    assert.equal(await reader.exit, 0)
  })

  it('hold the agent back while nobody reads, then give every line', async () => {
    const lines = 30_000
    const reader = slowReader('flood', lines, {env: {FAKE_CLAUDE_WIDTH: '2000'}})
    await claude.logged('blocked')
    const [, first] = /blocked at (\d+)/.exec(claude.log())!
    assert.ok(Number(first) < lines / 4, `claude has printed ${first} lines while nobody read`)

    let index = 0
    let rest = ''
    let last = ''
    let peak = 0
    reader.child.stdout.setEncoding('utf8')
    for await (const chunk of reader.child.stdout as AsyncIterable<string>) {
      peak = Math.max(peak, peakOf(reader.child.pid!))
      const parts = (rest + chunk).split('\n')
      rest = parts.pop()!
      for (const line of parts) {
        last = line
        if (!line.startsWith('{"type":"unparsed"')) continue
        if (!line.slice(0, 200).includes(`\\"index\\":${index}}`)) assert.fail(`line ${index} is missing`)
        index++
      }
    }

    assert.equal(index, lines)
    assert.match(last, /^{"type":"done"/)
    assert.equal(await reader.exit, 0)
    assert.ok(peak < 200, `clinvk took ${peak} MiB`)
  })

  it('do not make an agent idle while it waits for the reader', async () => {
    const reader = slowReader('flood', 5000, {
      words: ['--idle-timeout', '3s'],
      env: {FAKE_CLAUDE_PATIENCE: '4000', ...WIDE},
    })
    await claude.logged('blocked')
    reader.child.stdout.resume()
    assert.equal(await reader.exit, 0)
    assert.equal(session()?.last_outcome, 'success')
  })

  it('do not keep clinvk from ending at the second signal when nobody reads', async () => {
    const reader = slowReader('flood', 5000, {env: WIDE})
    await claude.logged('blocked')
    reader.child.kill('SIGTERM')
    await waitFor('claude is gone', () => claude.processes().length === 1)
    reader.child.kill('SIGTERM')
    assert.equal(await reader.exit, 143)
    assert.equal(session()?.last_outcome, 'cancelled')
    assert.deepEqual(claude.processes(), [])
  })

  it('lose nothing while clinvk is stopped (Ctrl-Z) and its agent ends meanwhile', async () => {
    const running = claude.begin('long-answer', [], {size: 100_000})
    // Earlier it would wait for its prompt, which only clinvk can give.
    await claude.logged('answers')
    running.child.kill('SIGSTOP')
    await waitFor('claude has ended', () => claude.processes().length <= 1)
    running.child.kill('SIGCONT')
    const {stdout} = await ends(running.finished, {code: 0})
    assert.equal(stdout.length, 100_001)
  })

  it('have one JSON object a line, in order, and nothing else', async () => {
    const finished = await claude.prompt('long-answer', ['-o', 'stream-json'], {size: 50_000})
    const types = jsonLines(finished).map(({type}) => type)
    assert.deepEqual(types, ['session', 'text', 'text', 'text', 'text', 'text', 'done'])
    assert.equal(finished.stderr, '')
  })

  it('keep the order of notices and answer where both go to one file (2>&1)', async () => {
    const {stdout} = await claude.shell('$CLINVK "do it" 2>&1 | cat', 'notice-between').finished
    assert.equal(stdout, 'One.Note: big is overloaded; small answers.\n Two.\n')
  })

  /** A clinvk whose output is read only when the test reads it. */
  function slowReader(
    behaviour: string,
    size: number,
    {env: more = {}, words = []}: {env?: Record<string, string>; words?: string[]} = {},
  ) {
    const {env} = claude.behaving(behaviour, {size, env: more})
    const args = [join(ROOT, 'bin/run.js'), '-o', 'stream-json', ...words, 'do it']
    const child = spawn(process.execPath, args, {
      cwd: claude.project,
      env: {...claude.env, ...env},
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return {child, exit: once(child, 'exit').then(([code]) => code as number | null)}
  }

  /** The most memory that a process took, in MiB, as far as the system tells it. */
  function peakOf(pid: number): number {
    const path = `/proc/${pid}/status`
    const [, kib = 0] = (existsSync(path) && /VmHWM:\s+(\d+) kB/.exec(readFileSync(path, 'utf8'))) || []
    return Number(kib) / 1024
  }
})
