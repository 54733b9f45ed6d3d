// A backend without a flaw, with every part that a backend may have. `broken.ts` says how to break it.
export default {
  plan,
  reader: (turn) => new GoodReader(turn),
  settle: async (_turn, verdict) => verdict,
  stopSignal: () => 'SIGTERM',
  interactive: (conversation, wish) => ({
    kind: 'program',
    args: ['--resume', conversation.id, ...(wish.model === undefined ? [] : ['--model', wish.model])],
  }),
  tidy: async () => {},
  record,
  forget,
  deleteCommand: (conversation) => ({kind: 'program', args: ['delete', '--', conversation.id]}),
  probe: () => [
    {
      kind: 'program',
      args: ['--version'],
      read: ({stdout}) => {
        const [version] = /\d+\.\d+\.\d+/.exec(stdout) ?? []
        return version === undefined ? {} : {version}
      },
    },
    {
      kind: 'files',
      read: async (files) => ({signedIn: (await files.list()).length > 0}),
    },
  ],
}

function plan(turn, host) {
  if (turn.sandbox === 'full' && host.isRoot) {
    return {kind: 'refusal', option: '--sandbox-mode full', reason: 'Good Agent does not run so as root'}
  }

  const system = turn.systemPrompt === undefined ? [] : ['--system-file', `${host.scratch}/system.md`]
  return {
    kind: 'invocation',
    args: [
      '--json',
      ...session(turn.session),
      ...(turn.model === undefined ? [] : ['--model', turn.model]),
      ...(turn.approval === 'auto' ? ['--edit'] : []),
      ...(turn.sandbox === 'default' ? [] : ['--sandbox', turn.sandbox]),
      ...(turn.maxTurns === undefined ? [] : ['--max-turns', String(turn.maxTurns)]),
      ...(turn.options?.patience === undefined ? [] : ['--patience', String(turn.options.patience)]),
      ...turn.allowedTools.flatMap((tool) => ['--allow', tool]),
      ...turn.addDirs.flatMap((directory) => ['--dir', directory]),
      ...system,
      ...turn.extra,
    ],
    stdin: turn.prompt,
    env: {GOOD_NESTED: undefined},
    files:
      turn.systemPrompt === undefined
        ? []
        : [{path: `${host.scratch}/system.md`, content: turn.systemPrompt}],
  }
}

function session({id, kind}) {
  if (kind === 'ephemeral') return ['--forget']
  return [kind === 'resume' ? '--resume' : '--session', id]
}

class GoodReader {
  #told = false
  #usage
  #end

  constructor(turn) {
    this.turn = turn
  }

  line(line) {
    let message
    try {
      message = JSON.parse(line)
    } catch {
      return [{type: 'unparsed', line}]
    }

    return this.#message(message ?? {}) ?? [{type: 'unparsed', line}]
  }

  #message({id, input, model, ok, output, session, text, tool, type, ...message}) {
    switch (type) {
      case 'hello':
        if (!isText(session) || !isText(model)) return undefined
        if (this.#told) return []
        this.#told = true
        return [
          {type: 'session', backend_session_id: session, model, agent_version: '1.2.3'},
          {type: 'state', state: {model}},
        ]
      case 'say':
        return isText(text) ? [{type: 'text', text}] : undefined
      case 'use':
        return isText(id) && isText(tool) ? [{type: 'tool_call', id, name: tool, input: {}}] : undefined
      case 'used':
        if (!isText(id) || !isText(output)) return undefined
        return [{type: 'tool_result', id, output, is_error: false}]
      case 'tokens':
        if (![input, output, message.cached].every((count) => Number.isInteger(count))) return undefined
        this.#usage = {
          input_tokens: input,
          output_tokens: output,
          cached_tokens: message.cached,
          total_tokens: input + output,
        }
        return [{type: 'usage', usage: this.#usage}]
      case 'bye':
        if (typeof ok !== 'boolean') return undefined
        this.#end = {ok, error: isText(message.error) ? message.error : 'The agent gave no reason.'}
        return [{type: 'finished'}]
      default:
        return undefined
    }
  }

  end({code, signal, stderr}) {
    const details = this.#usage === undefined ? {} : {usage: this.#usage}
    if (this.#end?.ok) return {...details, outcome: 'success'}
    if (this.#end)
      return {
        ...details,
        outcome: /sign in/.test(this.#end.error) ? 'auth' : 'failed',
        message: this.#end.error,
      }
    return {
      ...details,
      outcome: 'failed',
      message: `The agent ended early (${signal ?? code ?? 'unknown'}). ${stderr}`.trim(),
    }
  }
}

async function record({id}, files) {
  const path = await fileOf(id, files)
  return path === undefined ? undefined : {turns: []}
}

async function forget({id}, files) {
  const path = await fileOf(id, files)
  if (path !== undefined) await files.remove(path)
  return {removed: path === undefined ? [] : [path]}
}

async function fileOf(id, files) {
  return (await files.list()).find((path) => path.endsWith(`/${id}.json`) && /^[\da-f-]{36}$/.test(id))
}

function isText(value) {
  return typeof value === 'string'
}
