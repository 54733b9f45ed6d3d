import type {AgentExit, Backend, BackendEvent, Invocation} from 'clinvk-contract'
import type {Question, Reader, Turn, Verdict} from 'clinvk-contract'

/**
 * The smallest whole backend, made to be copied: `plan` says what to start,
 * `reader` says what its lines mean. The agent keeps nothing itself; how many
 * turns a conversation has is `state`, which clinvk stores with the session.
 */
export default {
  plan,
  reader: () => new EchoReader(),
  probe,
  move: () => Promise.resolve(true),
  forget: () => Promise.resolve({removed: []}),
} satisfies Backend

function plan({extra, model, options, prompt, sandbox, session, systemPrompt}: Turn): Invocation {
  const turnsBefore = 'state' in session && isState(session.state) ? session.state.turns : 0
  return {
    kind: 'invocation',
    args: [
      // The copy of a forked conversation continues to count.
      ...[
        '--session',
        session.kind === 'fork' ? session.copy : session.id,
        '--turn',
        String(turnsBefore + 1),
      ],
      ...(model === undefined ? [] : ['--model', model]),
      // `--option=value`, because the value may begin with a dash.
      ...(systemPrompt === undefined ? [] : [`--system=${systemPrompt}`]),
      ...(sandbox === 'read-only' ? ['--read-only'] : []),
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
      read: ({code, stdout}) => ({version: code === 0 ? /\d+(?:\.\d+)+/.exec(stdout)?.[0] : undefined}),
    },
  ]
}

/** What `agent/echo.js` prints. Another version of it may leave out anything: each field is looked at before it is used. */
type Line =
  | {type: 'session'; id?: unknown; model?: unknown; turn?: unknown}
  | {type: 'text'; text?: unknown}
  | {type: 'result'; usage?: {input?: unknown; output?: unknown} | null}

class EchoReader implements Reader {
  #finished = false

  line(line: string): readonly BackendEvent[] {
    return this.#events(parse(line)) ?? [{type: 'unparsed', line}]
  }

  /** Undefined for a line that says nothing to this backend. */
  #events(line: Line | undefined): BackendEvent[] | undefined {
    if (line?.type === 'session' && isText(line.id) && isText(line.model) && isNumber(line.turn)) {
      return [
        {type: 'session', backend_session_id: line.id, model: line.model},
        // Kept at once: a turn that is interrupted has been seen, too.
        {type: 'state', state: {turns: line.turn}},
      ]
    }

    if (line?.type === 'text' && isText(line.text)) return [{type: 'text', text: line.text}]
    if (line?.type !== 'result') return undefined
    this.#finished = true
    const {input, output} = line.usage ?? {}
    return [
      ...(isNumber(input) && isNumber(output)
        ? [{type: 'usage', usage: {input_tokens: input, output_tokens: output}} as const]
        : []),
      {type: 'finished'},
    ]
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
    return (JSON.parse(line) as Line | null) ?? undefined
  } catch {
    return undefined
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number'
}

function isState(state: unknown): state is {turns: number} {
  return typeof state === 'object' && state !== null && 'turns' in state && typeof state.turns === 'number'
}
