import {randomUUID} from 'node:crypto'
import {setTimeout as wait} from 'node:timers/promises'
import type {TurnEvent} from 'clinvk-contract'
import {type Check, fail, skip} from '../check.js'
import type {LiveBench, PlayedTurn} from './test-live.js'

/** What only the real agent can show. Each turn costs something. */
export const LIVE_CHECKS: readonly Check<LiveBench>[] = [
  {
    id: 'live-answers',
    title: 'A new conversation gets an answer.',
    fix: 'Run the command that `clinvk --dry-run` prints by hand, and compare.',
    async run(bench) {
      bench.first = await bench.turn({prompt: 'Reply with OK.'})
      succeeds(bench.first)
      if (bench.first.result.content.trim() === '') fail('an answer', bench.first.result)
    },
  },
  {
    id: 'live-usage',
    title: 'The agent reports the token counts that the descriptor promises.',
    fix: 'Set `capabilities.usage` to the fields that the agent reports.',
    run({capabilities: {usage = []}, first}) {
      if (usage.length === 0) skip('The descriptor promises no token counts.')
      if (first?.result.outcome !== 'success') skip('There was no answer.')
      const told = first.result.usage ?? {}
      const missing = usage.find((key) => told[key] === undefined)
      if (missing !== undefined) fail(`${missing} in the usage`, told)
    },
  },
  {
    id: 'live-resume',
    title: 'A resumed conversation remembers the turns before.',
    fix: 'See what the agent was given: `clinvk --dry-run resume …`. The session event must bring the id by which the agent finds the conversation.',
    async run(bench) {
      if (!bench.capabilities.resume) skip('The agent does not resume.')
      const word = secretWord()
      const first = await bench.turn({prompt: `Remember this word: ${word}. Reply with OK.`})
      succeeds(first)
      const prompt = 'Which word did I ask you to remember? Reply with the word alone.'
      const second = await bench.turn({prompt, resumes: first})
      succeeds(second)
      if (!second.result.content.includes(word)) fail(`the word ${word}`, second.result.content)
    },
  },
  {
    id: 'live-ephemeral',
    title: 'An ephemeral turn leaves no file with what it was told.',
    fix: "Give the agent its option for it, or remove the conversation's files in `settle`.",
    async run(bench) {
      if (!bench.capabilities.ephemeral) skip('The agent has no ephemeral turns.')
      const word = secretWord()
      const prompt = `Reply with OK. Do not repeat this word: ${word}.`
      succeeds(await bench.turn({prompt, isEphemeral: true}))
      const left = await bench.filesWith(word)
      if (left.length > 0) fail('no file with the prompt', left.join(', '))
    },
  },
  {
    id: 'live-read-only',
    title: 'With --sandbox-mode read-only the agent changes nothing.',
    fix: 'Give the agent its own option for it, or take `read-only` out of `capabilities.sandbox`.',
    async run(bench) {
      if (!bench.capabilities.sandbox?.includes('read-only')) skip('The agent has no such mode.')
      const before = await bench.projectFiles()
      const {events, result} = await bench.turn({
        prompt:
          'Make a file named proof.txt with the text "proof" in the current directory, with whatever tool you have. Do not ask.',
        sandbox: 'read-only',
      })
      const after = await bench.projectFiles()
      if (JSON.stringify(before) !== JSON.stringify(after))
        fail('the directory as it was', `There is: ${Object.keys(after).join(', ')}`)
      const hasTried = events.some(({type}) => type === 'tool_call') || result.denials.length > 0
      if (!hasTried) skip('The model did not try to write, so nothing is proven. Try again.')
    },
  },
  {
    id: 'live-cancel',
    title: 'A turn that is stopped keeps its session, leaves no process, and can be resumed.',
    fix: 'Return the signal from `stopSignal` after which the agent saves its conversation.',
    async run(bench) {
      const prompt = 'Count slowly from 1 to 900, each number in words and on a line of its own.'
      const stopped = await bench.turn({prompt, onEvent: stopAfterFirstWord})
      if (stopped.result.outcome === 'success') skip('The agent was done before it could be stopped.')
      const {error, outcome} = stopped.result
      if (outcome !== 'cancelled') fail('cancelled', `${outcome} ${error?.message}`)
      for (let tries = 0; tries < 20 && bench.processes().length > 0; tries++) await wait(100)
      const left = bench.processes()
      if (left.length > 0) fail('no process', left.join(', '))
      if (!bench.capabilities.resume) return
      succeeds(await bench.turn({prompt: 'Stop counting. Reply with OK.', resumes: stopped}))
    },
  },
]

/** Which check proves which capability. */
export const PROVES: Readonly<Record<string, string>> = {
  'live-resume': 'resume',
  'live-ephemeral': 'ephemeral',
  'live-read-only': 'sandbox',
  'live-cancel': 'cancel',
}

function succeeds({result}: PlayedTurn): void {
  if (result.outcome !== 'success') fail('success', `${result.outcome}: ${result.error?.message}`)
}

/** A word that no model says by chance. */
function secretWord(): string {
  return `plover-${randomUUID().slice(0, 8)}`
}

/** Stops an agent when it begins to answer; one that prints its answer at once is stopped a moment after its session id. */
function stopAfterFirstWord({type}: TurnEvent, end: () => void): void {
  if (type === 'text' || type === 'reasoning') end()
  else if (type === 'session') setTimeout(end, STOP_DELAY_MS).unref()
}

const STOP_DELAY_MS = 3000
