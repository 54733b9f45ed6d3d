import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdirSync, writeFileSync} from 'node:fs'
import {hrtime} from 'node:process'
import {join} from 'node:path'
import {ANSWER, fakeClaude} from '../fake-claude.js'
import {fillHistory} from '../fill-history.js'

const [LONG, SHORT] = ['1', '2'].map((digit) => `${digit.repeat(8)}-aaaa-4bbb-8ccc-${digit.repeat(12)}`)

/** What it costs that a conversation is long: 20 MB that Claude Code has recorded. */
export default {
  name: 'history-long',
  rows: [
    ...['its session', "the agent's own id"].map((by) => ({
      title: `clinvk sessions log, first screen of 20 MB, by ${by}`,
      unit: 'x',
      most: 14,
    })),
    {title: 'a turn on 20 MB starts later than on nothing, by', unit: 'x', most: 0.1},
  ],
  async prepare(place) {
    const cwd = place.home
    for (const [sessionId, turns] of [
      [LONG, 1500],
      [SHORT, 1],
    ])
      fillHistory(place, 1, {cwd, sessionId, turns})
    // Which conversation it is, it is told by clinvk.
    const told = ANSWER.replace("<<'END'", '<<END').replace(/"session_id":"[^"]+"/, '"session_id":"$id"')
    fakeClaude(
      place.home,
      `kill -USR2 ${process.pid}\nfor word; do [ "$last" = --resume ] && id=$word; last=$word; done\n${told}`,
    )
    keepSession(place, LONG, cwd)
    keepSession(place, SHORT, cwd)
    const alone = place.with('alone')
    fillHistory(alone, 1, {cwd, sessionId: LONG, turns: 1500})
    const isFirstScreen = (text) => text.split('\n').length > 24
    return async () => {
      const {ms: base} = place.nothing()
      // The quickest of some tell 2 ms apart, which is less than one varies.
      const starts = {[LONG]: Infinity, [SHORT]: Infinity}
      for (let turn = 0; turn < 5; turn++)
        for (const one of [LONG, SHORT]) starts[one] = Math.min(starts[one], await untilAgent(place, one))
      return [
        {base, ms: await until(place, ['sessions', 'log', sessionOf(LONG)], isFirstScreen)},
        {base, ms: await until(alone, ['sessions', 'log', LONG], isFirstScreen)},
        {base, ms: starts[LONG] - starts[SHORT]},
      ]
    }
  },
}

/** Milliseconds until what clinvk prints is enough. */
async function until(place, words, isEnough) {
  const [file, args] = place.command(words)
  const started = hrtime.bigint()
  const child = spawn(file, args, {cwd: place.home, env: place.env(), stdio: ['ignore', 'pipe', 'inherit']})
  let text = ''
  for await (const chunk of child.stdout) if (isEnough((text += chunk))) break
  const ms = Number(hrtime.bigint() - started) / 1e6
  child.kill()
  if (!isEnough(text)) throw new Error(`clinvk has only printed ${text}`)
  return ms
}

/** Milliseconds until the agent of a turn runs, which is told by a signal. */
async function untilAgent(place, conversation) {
  const running = once(process, 'SIGUSR2').then(() => hrtime.bigint())
  const [file, args] = place.command(['resume', sessionOf(conversation), 'x'])
  const started = hrtime.bigint()
  const child = spawn(file, args, {cwd: place.home, env: place.env(), stdio: ['ignore', 'ignore', 'inherit']})
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`clinvk ended with ${code}`)
  return Number((await running) - started) / 1e6
}

function keepSession(place, conversation, cwd) {
  const time = '2026-01-01T00:00:00.000Z'
  const session = {
    version: 1,
    id: sessionOf(conversation),
    backend: 'claude',
    created_at: time,
    last_used: time,
    working_dir: cwd,
    backend_session_id: conversation,
    last_outcome: 'success',
  }
  const directory = join(place.home, '.clinvk/sessions')
  mkdirSync(directory, {recursive: true})
  writeFileSync(join(directory, `${session.id}.json`), JSON.stringify(session))
}

function sessionOf(conversation) {
  return conversation.slice(0, 1).repeat(32)
}
