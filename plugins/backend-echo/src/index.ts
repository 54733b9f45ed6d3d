import type {
  AgentExit,
  Backend,
  BackendEvent,
  Invocation,
  Question,
  Reader,
  Turn,
  Verdict,
} from 'clinvk-kit/contract'

/**
 * The smallest whole backend, made to be copied: `plan` says what to start,
 * `reader` says what its lines mean. The agent keeps nothing itself; how many
 * turns a conversation has is `state`, which clinvk stores with the session.
 */
export default {
  plan,
  reader: () => new EchoReader(),
  probe,
  forget: () => Promise.resolve({removed: []}),
} satisfies Backend

function plan({extra, model, options, prompt, session, systemPrompt}: Turn): Invocation {
  const turnsBefore = session.kind === 'resume' && isState(session.state) ? session.state.turns : 0
  return {
    kind: 'invocation',
    args: [
      '--session',
      session.id,
      '--turn',
      String(turnsBefore + 1),
      ...(model === undefined ? [] : ['--model', model]),
      // `--option=value`, because the value may begin with a dash.
      ...(systemPrompt === undefined ? [] : [`--system=${systemPrompt}`]),
      // `backends.echo.delay` of the user's settings, declared in package.json.
      ...(options?.delay === undefined ? [] : ['--delay', String(options.delay)]),
      ...extra,
    ],
    stdin: prompt,
  }
}

/** What `clinvk backends` and `clinvk doctor` ask. Nothing of signing in: echo needs no account. */
function probe(): readonly Question[] {
  return [
    {
      kind: 'program',
      args: ['--version'],
      read: ({code, stdout}) => (code === 0 ? {version: stdout.trim()} : {}),
    },
  ]
}

/** What `agent/echo.js` prints. */
type Line =
  | {type: 'session'; id: string; model: string; turn: number}
  | {type: 'text'; text: string}
  | {type: 'result'; usage: {input: number; output: number}}

class EchoReader implements Reader {
  #finished = false

  line(line: string): readonly BackendEvent[] {
    const message = parse(line)
    switch (message?.type) {
      case 'session':
        // Kept at once: a turn that is interrupted has been seen, too.
        return [
          {type: 'session', backend_session_id: message.id, model: message.model},
          {type: 'state', state: {turns: message.turn}},
        ]
      case 'text':
        return [{type: 'text', text: message.text}]
      case 'result': {
        this.#finished = true
        const {input, output} = message.usage
        return [{type: 'usage', usage: {input_tokens: input, output_tokens: output}}, {type: 'finished'}]
      }

      default:
        return [{type: 'unparsed', line}]
    }
  }

  end({code, signal, stderr}: AgentExit): Verdict {
    if (this.#finished) return {outcome: 'success'}
    return {
      outcome: 'failed',
      message: `echo ended early (${signal ?? `exit code ${code}`}). ${stderr.trim()}`.trim(),
    }
  }
}

function parse(line: string): Line | undefined {
  try {
    return JSON.parse(line) as Line
  } catch {
    return undefined
  }
}

function isState(state: unknown): state is {turns: number} {
  return typeof state === 'object' && state !== null && 'turns' in state && typeof state.turns === 'number'
}
