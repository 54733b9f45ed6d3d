import assert from 'node:assert/strict'
import {CliUser} from '../support/cli-user.js'
import {ends, json, jsonLines} from '../support/sandbox.js'

/** Claude exits without waiting until its last lines have been read; its own file of the conversation has them. */
describe('an answer whose end claude has not printed', () => {
  let user: CliUser
  beforeEach(() => {
    user = new CliUser()
    user.env.CLINVK_BACKEND = 'claude'
  })
  afterEach(() => user.remove())

  const whole = 'This is a long answer.'
  const claude = (printed: string, stopReason: string) => {
    const line = {
      type: 'assistant',
      timestamp: 'NOW',
      message: {id: 'm', model: 'opus', stop_reason: stopReason, content: [{type: 'text', text: whole}]},
    }
    const delta = {
      type: 'stream_event',
      event: {type: 'content_block_delta', delta: {type: 'text_delta', text: printed}},
    }
    user.installProgram(
      'claude',
      `
      id=$(echo "$*" | sed -E 's/.*--session-id ([^ ]*).*/\\1/')
      cat >/dev/null
      printf '{"type":"system","subtype":"init","session_id":"%s"}\\n' "$id"
      echo '${JSON.stringify(delta)}'
      printf '{"type":"result","subtype":"succ'
      mkdir -p ~/.claude/projects/p
      echo '${JSON.stringify(line)}' | sed "s/NOW/$(date -u +%FT%T.%3NZ)/" >~/.claude/projects/p/$id.jsonl`,
    )
  }

  it('is taken from the file of the conversation, and the turn succeeds', async () => {
    claude('This is', 'end_turn')
    await ends(user.clinvk(['one']), {code: 0, stdout: `${whole}\n`, stderr: ''})
    const {content, outcome} = json(await user.clinvk(['one', '--json']))
    assert.deepEqual([content, outcome], [whole, 'success'])
    const events = jsonLines(await user.clinvk(['one', '-o', 'stream-json']))
    const texts = events.flatMap(({text, type}) => (type === 'text' ? [text] : []))
    assert.equal(texts.join(''), whole)
  })

  for (const [what, printed, stopReason] of [
    ['the file does not have it either', 'This is', 'tool_use'],
    ['the file does not go on from what was printed', 'That was', 'end_turn'],
  ] as const) {
    it(`is no success where ${what}`, async () => {
      claude(printed, stopReason)
      const {code, stderr, stdout} = await user.clinvk(['one'])
      assert.deepEqual([code, stdout], [1, `${printed}\n`])
      assert.match(stderr, /^Error: claude ended with exit code 0 before its result\.$/m)
    })
  }
})
