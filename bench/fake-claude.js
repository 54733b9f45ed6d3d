import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'

/** Makes the `claude` of a home: a script, which gets the prompt on standard input. */
export function fakeClaude(home, script, interpreter = '/bin/sh') {
  mkdirSync(join(home, 'bin'), {recursive: true})
  writeFileSync(join(home, 'bin/claude'), `#!${interpreter}\n${script}\n`, {mode: 0o755})
}

/** Lines as Claude Code 2.1 prints them. */
export const line = {
  begin: json({
    type: 'system',
    subtype: 'init',
    session_id: '0f0e8ab4-7b0c-4c59-93c6-0d0c35d6f2a1',
    model: 'claude-fake-1',
    claude_code_version: '2.1.197',
  }),
  nextBlock: json({type: 'stream_event', event: {type: 'content_block_start', index: 0}}),
  text: (text) => delta({type: 'text_delta', text}),
  thinking: (thinking) => delta({type: 'thinking_delta', thinking}),
  end: json({
    type: 'result',
    subtype: 'success',
    is_error: false,
    result: 'Done.',
    usage: {input_tokens: 10, output_tokens: 1},
  }),
}

/** An answer in one word, for a script of the shell. */
export const ANSWER = `cat > prompt\ncat <<'END'\n${line.begin}${line.end}END`

function delta(of) {
  return json({type: 'stream_event', event: {type: 'content_block_delta', index: 0, delta: of}})
}

function json(message) {
  return `${JSON.stringify(message)}\n`
}
