import {mkdirSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'

/**
 * Gives a place conversations as Claude Code records them, some 40 messages each, with words as often as in prose: a few
 * very common ones (`the`, `of`), and `xylophone`, which stands in one conversation alone. Returns their bytes. `only`: one
 * conversation, with this id, number of turns and directory.
 */
export function fillHistory(place, conversations, only = {}) {
  const random = seeded(42)
  const pick = (list) => list[Math.floor(list.length * random() ** 3)]
  const rare = Array.from({length: 30_000}, () =>
    Array.from({length: 2 + 2 * random()}, () => pick(SYLLABLES)).join(''),
  )
  const prose = (words) =>
    Array.from({length: words}, () => (random() < 0.4 ? pick(COMMON) : pick(rare))).join(' ')
  const digits = (count) => Array.from({length: count}, () => Math.floor(random() * 16).toString(16)).join('')
  let bytes = 0
  for (let number = 0; number < conversations; number++) {
    const made = `${digits(8)}-${digits(4)}-4${digits(3)}-a${digits(3)}-${digits(12)}`
    const {cwd = `/srv/project-${number % 60}`, sessionId = made, turns = 4} = only
    const lines = []
    const put = (type, content, more = {}) => {
      const timestamp = new Date(Date.UTC(2026, 0, 1) + number * 5e6 + lines.length * 9000).toISOString()
      const message = {role: type, content, ...more}
      const ids = {parentUuid: digits(36), uuid: digits(36), requestId: `req_${digits(20)}`, sessionId}
      const rest = {
        isSidechain: false,
        userType: 'external',
        entrypoint: 'cli',
        version: '2.1.197',
        gitBranch: 'main',
      }
      const line = {type, message, ...ids, timestamp, cwd, ...rest}
      lines.push(JSON.stringify(line))
    }
    const say = (block) =>
      put('assistant', [block], {
        id: `msg_${digits(20)}`,
        type: 'message',
        model: 'claude-opus-4-8',
        usage: {input_tokens: 4, cache_read_input_tokens: 9000, output_tokens: 300},
      })
    for (let turn = 0; turn < turns; turn++) {
      put('user', (number === conversations >> 1 ? 'where is the xylophone ' : '') + prose(45))
      for (let tool = 0; tool < 3; tool++) {
        const id = `toolu_${digits(20)}`
        say({type: 'text', text: prose(30)})
        say({
          type: 'tool_use',
          id,
          name: 'Bash',
          input: {command: `grep -n ${pick(rare)} src/${pick(rare)}.ts`},
        })
        put('user', [{type: 'tool_result', tool_use_id: id, content: prose(330)}])
      }
      say({type: 'text', text: prose(140)})
    }

    const directory = join(place.home, '.claude/projects', cwd.replace(/[^A-Za-z0-9]/g, '-'))
    mkdirSync(directory, {recursive: true})
    const file = join(directory, `${sessionId}.jsonl`)
    writeFileSync(file, `${lines.join('\n')}\n`)
    bytes += statSync(file).size
  }

  return bytes
}

/** Numbers from 0 to 1 that are the same each time. */
function seeded(seed) {
  let state = seed
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32
}

const SYLLABLES =
  'ka re to min sol vex pro ter lan dor fi quo bas nem ur ist ob gra pel cy han ju wid zo eth'.split(' ')
const COMMON =
  'the of to and a in is it that for on with as this be are not have from use file code test run'.split(' ')
