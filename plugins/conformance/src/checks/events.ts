import type {Bench, Reading} from '../bench.js'
import {type Check, CheckFailed, expectThat, notApplicable, show} from '../check.js'
import {expectationsOf} from '../expectations.js'
import {OTHER_SESSION_ID} from '../invented.js'
import {ANSWER, ofEach, read} from '../read-fixture.js'
import {flawOfEvent, survivesJson} from '../shapes.js'

/** What a reader makes of the lines of the agent. */
export const EVENT_CHECKS: readonly Check<Bench>[] = [
  {
    id: 'fixtures-as-expected',
    title: 'Each fixture gives what its author expects of it.',
    fix: 'Correct the backend, or what the fixture expects.',
    async run(bench) {
      for (const fixture of bench.fixtures) {
        const wrong = await expectationsOf(bench, fixture)
        const all = (part: (one: (typeof wrong)[number]) => string) => wrong.map(part).join('; ')
        if (wrong.length > 0)
          throw new CheckFailed(
            `${fixture.name}: ${all(([what, expected]) => `${what} ${show(expected)}`)}`,
            all(([what, , found]) => (wrong.length === 1 ? show(found) : `${what} ${show(found)}`)),
          )
      }
    },
  },
  {
    id: 'events-shape',
    title: 'Each event is one that the contract knows, with its fields.',
    fix: 'Compare with docs/plugins/contract.md; leave a field out when the agent does not tell it.',
    run: (bench) =>
      ofEach(bench, (fixture, {events}) => {
        for (const event of events) {
          const flaw = flawOfEvent(event)
          expectThat(flaw === undefined, `${fixture.name}: events of the contract`, `An event ${flaw}`)
        }
      }),
  },
  {
    id: 'session-once',
    title: "The agent's session id is told once a turn.",
    fix: 'Remember that it was told; agents repeat it in every line.',
    run: (bench) =>
      ofEach(bench, (fixture, {events}) => {
        const told = events.filter(({type}) => type === 'session').length
        expectThat(told <= 1, `${fixture.name}: one session event`, `${told} of them`)
      }),
  },
  {
    id: 'session-first',
    title: 'The session id is told as soon as the agent tells it, so that a turn that breaks off can go on.',
    fix: 'Return the session event for the first line that has the id, before its other events.',
    run: (bench) =>
      ofEach(bench, (fixture, {perLine}) => {
        const id = perLine.flat().find((event) => event.type === 'session')?.backend_session_id
        if (id === undefined) return
        const named = bench.linesOf(fixture).findIndex((line) => line.includes(id))
        const at = perLine.findIndex((events) => events.some(({type}) => type === 'session'))
        if (named === -1 || at === -1) return
        const place = perLine[at]!.findIndex(({type}) => type === 'session')
        const early = [...perLine.slice(named, at).flat(), ...perLine[at]!.slice(0, place)].find(({type}) =>
          ANSWER.has(type),
        )
        expectThat(
          early === undefined,
          `${fixture.name}: the session before the answer`,
          `${early?.type} comes before`,
        )
      }),
  },
  {
    id: 'session-as-told',
    title:
      'The session id is the one that the agent told: when it begins another conversation, clinvk notices.',
    fix: 'Take the id from the output, not from `turn.session`.',
    run(bench) {
      let seen = 0
      for (const fixture of bench.fixtures) {
        const id = sessionOf(read(bench, fixture))
        if (id === undefined || !bench.linesOf(fixture).some((line) => line.includes(id))) continue
        seen++
        const other = sessionOf(
          read(bench, fixture, {turn: {session: {kind: 'resume', id: OTHER_SESSION_ID}}}),
        )
        expectThat(
          other === id,
          `${fixture.name}: ${id}, also when ${OTHER_SESSION_ID} was asked for`,
          show(other),
        )
      }

      return seen === 0 ? notApplicable('No fixture shows a session id of the agent.') : undefined
    },
  },
  {
    id: 'tools-paired',
    title: 'Each tool result follows its call, and no two calls have one id.',
    fix: "Use the agent's own id of the call in both events; where it has none, number the calls.",
    run: (bench) =>
      ofEach(bench, (fixture, {events}) => {
        const open = new Set<string>()
        const seen = new Set<string>()
        for (const event of events) {
          if (event.type === 'tool_call') {
            expectThat(
              event.id !== '' && !seen.has(event.id),
              `${fixture.name}: an id of its own for ${event.name}`,
              show(event.id),
            )
            seen.add(event.id)
            open.add(event.id)
          } else if (event.type === 'tool_result') {
            const isPaired = open.delete(event.id)
            expectThat(
              isPaired,
              `${fixture.name}: a tool_call before the tool_result ${event.id}`,
              'there is none, or it has its result',
            )
          }
        }

        if (fixture.expect.outcome !== 'success') return
        expectThat(
          open.size === 0,
          `${fixture.name}: a result of each tool call`,
          `none of ${[...open].join(', ')}`,
        )
      }),
  },
  {
    id: 'finished-last',
    title: 'After `finished` nothing of the answer comes: clinvk gives the agent a few seconds from there.',
    fix: 'Return `finished` for the last line of the agent alone, or leave it out.',
    run: (bench) =>
      ofEach(bench, (fixture, {events}) => {
        const at = events.findIndex(({type}) => type === 'finished')
        const late = at === -1 ? undefined : events.slice(at).find(({type}) => ANSWER.has(type))
        expectThat(late === undefined, `${fixture.name}: nothing of the answer after finished`, show(late))
      }),
  },
  {
    id: 'state-is-data',
    title: 'What is kept with the session is the same after it was written as JSON and read again.',
    fix: 'Keep texts, numbers, lists and plain objects; no Date, no Map, nothing undefined.',
    run(bench) {
      let seen = 0
      for (const fixture of bench.fixtures) {
        for (const event of read(bench, fixture).events) {
          if (event.type !== 'state') continue
          seen++
          expectThat(
            survivesJson(event.state),
            `${fixture.name}: data that survives JSON`,
            `${show(event.state)} is no plain data`,
          )
        }
      }

      return seen === 0 ? notApplicable('The backend keeps no state.') : undefined
    },
  },
]

function sessionOf({events}: Reading): string | undefined {
  return events.find((event) => event.type === 'session')?.backend_session_id
}
