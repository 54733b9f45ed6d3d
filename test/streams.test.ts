import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {withFakeClaude} from './support/fake-claude.js'
import {jsonLines, ROOT} from './support/sandbox.js'

describe('standard streams', () => {
  const machine = withFakeClaude()
  const session = () => machine.claude.sessions()[0]
  const code = () => Number(readFileSync(join(machine.claude.project, 'code'), 'utf8'))

  for (const [behaviour, exit] of [
    ['long-answer', 0],
    ['long-answer-429', 9],
  ] as const) {
    it(`wait 15 s for a reader that pauses: 1 MB arrives whole, exit code ${exit}`, async () => {
      const {stdout} = await machine.claude.shell(
        '($CLINVK "do it"; echo $? > code) | (sleep 15; wc -c)',
        behaviour,
        {size: 1_000_000},
      ).finished
      assert.equal(Number(stdout), 1_000_001)
      assert.equal(code(), exit)
    })
  }

  for (const format of ['text', 'json', 'stream-json']) {
    it(`may be closed early (| head -1, ${format}): the turn is finished, with its own exit code`, async () => {
      const {stderr} = await machine.claude.shell(
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

  for (const closed of ['<&-', '>&-', '2>&-', '<&- >&- 2>&-']) {
    it(`may be closed from the beginning (${closed})`, async () => {
      const {stdout} = await machine.claude.shell(`($CLINVK "do it" ${closed}); echo $? > code`, 'answers')
        .finished
      assert.equal(stdout, closed.includes(' >&-') || closed === '>&-' ? '' : 'Hello.\n')
      assert.equal(code(), 0)
      assert.equal(session()?.last_outcome, 'success')
    })
  }

  it('tell of an answer that could not be written, whose turn is recorded all the same', async function () {
    if (!existsSync('/dev/full')) return this.skip()
    const {stderr} = await machine.claude.shell('$CLINVK "do it" > /dev/full; echo $? > code', 'answers')
      .finished
    assert.match(stderr, /^Error: The output could not be written: .*no space left on device/)
    assert.equal(code(), 1)
    assert.equal(session()?.last_outcome, 'success')
  })

  it('hold the agent back while nobody reads, then give every line', async () => {
    const lines = 1_000_000
    const reader = slowReader('flood', lines)
    await machine.claude.logged('blocked')
    const [, first] = /blocked at (\d+)/.exec(machine.claude.log())!
    assert.ok(Number(first) < lines / 10, `claude has printed ${first} lines while nobody read`)

    let index = 0
    let rest = ''
    let last = ''
    reader.child.stdout.setEncoding('utf8')
    for await (const chunk of reader.child.stdout as AsyncIterable<string>) {
      reader.look()
      const parts = (rest + chunk).split('\n')
      rest = parts.pop()!
      for (const line of parts) {
        last = line
        if (!line.startsWith('{"type":"unparsed"')) continue
        if (!line.includes(`\\"index\\":${index}}`)) assert.fail(`line ${index} is missing`)
        index++
      }
    }

    assert.equal(index, lines)
    assert.match(last, /^{"type":"done"/)
    assert.equal(await reader.exit, 0)
    assert.ok(reader.peak < 250, `clinvk took ${reader.peak} MiB`)
  })

  it('do not make an agent idle that only waits for the reader', async () => {
    const reader = slowReader('flood', 20_000, ['--idle-timeout', '700ms'])
    await machine.claude.logged('blocked')
    reader.child.stdout.resume()
    assert.equal(await reader.exit, 0)
    assert.equal(session()?.last_outcome, 'success')
  })

  it('do not keep a clinvk whose reader has gone to sleep from ending at the second signal', async () => {
    const reader = slowReader('flood', 20_000)
    await machine.claude.logged('blocked')
    reader.child.kill('SIGTERM')
    await machine.claude.ends('claude')
    reader.child.kill('SIGTERM')
    assert.equal(await reader.exit, 143)
    assert.equal(session()?.last_outcome, 'cancelled')
    assert.deepEqual(machine.claude.processes(), [])
  })

  it('give a prompt of 5 MB to the agent and its echo to the user', async () => {
    const prompt = 'größe '.repeat(800_000)
    const {code, stdout} = await machine.claude.clinvk(['-b', 'echo', '-'], {stdin: prompt})
    assert.equal(code, 0)
    assert.equal(stdout, `You said: ${prompt.trimEnd()}\n`)
  })

  it('keep their order: the answer on stdout, one JSON object a line, nothing else', async () => {
    const finished = await machine.claude.prompt('long-answer', ['-o', 'stream-json'], {size: 50_000})
    const types = jsonLines(finished).map(({type}) => type)
    assert.deepEqual(types, ['session', 'text', 'text', 'text', 'text', 'text', 'done'])
    assert.equal(finished.stderr, '')
  })

  /** A clinvk whose output is taken only as the test takes it. */
  function slowReader(behaviour: string, size: number, words: string[] = []) {
    const {env} = machine.claude.behaving(behaviour, {size})
    const child = spawn(
      process.execPath,
      [join(ROOT, 'bin/run.js'), '-o', 'stream-json', ...words, 'do it'],
      {cwd: machine.claude.project, env: {...machine.claude.env, ...env}, stdio: ['ignore', 'pipe', 'ignore']},
    )
    const reader = {
      child,
      exit: once(child, 'exit').then(([code]) => code as number | null),
      /** MiB, as far as the system tells it. */
      peak: 0,
      look() {
        const [, kib] = /VmHWM:\s+(\d+) kB/.exec(statusOf(child.pid!)) ?? []
        this.peak = Math.max(this.peak, Number(kib ?? 0) / 1024)
      },
    }
    return reader
  }

  function statusOf(pid: number): string {
    try {
      return readFileSync(`/proc/${pid}/status`, 'utf8')
    } catch {
      return ''
    }
  }
})
