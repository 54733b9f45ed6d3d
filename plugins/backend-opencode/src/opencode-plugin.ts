import type {Message, Part, PluginSettings} from './messages.js'
import {appendDenies, type PermissionConfig} from './permissions.js'

/**
 * A plugin that opencode (1.18) loads in every turn (`plan.ts`). It prints what `opencode run --format json`
 * does not: the id of the session before the first answer, the answer while it comes, attempts, what
 * sub-agents used. And it ends a turn at limits that opencode does not have. It must export this function and
 * nothing else: opencode calls every export.
 */
export default function clinvk({client}: PluginInput) {
  const settings = JSON.parse(process.env.CLINVK_OPENCODE ?? '{}') as PluginSettings
  const {maxCost, maxRetries = Infinity, maxTurns = Infinity, restore = {}, title} = settings
  // An opencode that a tool starts is not part of this turn.
  for (const [name, value] of Object.entries(restore)) {
    if (value === null) Reflect.deleteProperty(process.env, name)
    else process.env[name] = value
  }

  const told = new Set<string>()
  const once = (key: string, line: Message) => {
    if (told.has(key)) return
    told.add(key)
    tell(line)
  }

  /** What the text of a part is: of the answer, or of the reasoning. The user's prompt is a part, too. */
  const kinds = new Map<string, 'text' | 'reasoning'>()
  const answers = new Set<string>()
  /** A fork tells its copies of earlier messages like new ones. */
  const began = Date.now()
  const copies = new Set<string>()
  const children = new Set<string>()
  const calls = new Map<string, number>()
  let emptySteps = 0
  const costs = new Map<string, number>()

  const onPart = (part: Part, sessionID: string) => {
    const {callID = '', id = '', messageID = '', state, text, time, type} = part
    if (copies.has(messageID)) return
    switch (type) {
      case 'text':
      case 'reasoning':
        if (!answers.has(messageID)) return
        kinds.set(id, type)
        if (text) emptySteps = 0
        if (time?.end !== undefined) once(`part ${id}`, {type: 'clinvk.part', sessionID, part})
        return
      case 'tool':
        emptySteps = 0
        if (state?.status !== undefined && state.status !== 'pending')
          once(`${state.status === 'running' ? 'call' : 'end'} ${callID}`, {
            type: 'clinvk.part',
            sessionID,
            part,
          })
        return
      case 'step-finish':
        costs.set(id, part.cost ?? 0)
        once(`part ${id}`, {type: 'clinvk.part', sessionID, part})
        return
      default:
    }
  }

  return Promise.resolve({
    config(config: Config) {
      const {agent = {}, default_agent: standard = 'build', permission} = config
      const {clinvk: own} = agent
      if (!own) return Promise.resolve()
      const {permission: rules, ...base} = agent[standard] ?? {}
      agent.clinvk = {
        ...base,
        ...own,
        disable: false,
        mode: 'primary',
        permission: appendDenies({...rules, ...own.permission}, [permission, rules]),
      }
      return Promise.resolve()
    },

    async event({event: {properties, type}}: {event: {type: string; properties: Properties}}) {
      const {info, part, sessionID = '', status} = properties
      switch (type) {
        case 'session.created':
          if (info?.parentID !== undefined) children.add(sessionID)
          once(`session ${sessionID}`, {type: 'clinvk.session', sessionID, parentID: info?.parentID})
          if (info?.parentID === undefined && title !== undefined)
            await client.session.update({path: {id: sessionID}, body: {title}})
          return
        case 'session.status':
          once(`session ${sessionID}`, {type: 'clinvk.session', sessionID})
          if (status?.type !== 'retry') return
          const {attempt = 1, message = '', next = 0} = status
          tell({type: 'clinvk.retry', sessionID, attempt, message, delayMs: Math.max(0, next - Date.now())})
          if (attempt > maxRetries) await client.session.abort({path: {id: sessionID}})
          return
        case 'session.idle':
          if (!children.has(sessionID)) tell({type: 'clinvk.idle', sessionID})
          return
        case 'session.error':
          tell({type: 'clinvk.error', sessionID, error: properties.error})
          return
        case 'permission.asked':
          // Of the session itself, the end of the tool tells.
          if (children.has(sessionID)) {
            const {patterns = [], permission = ''} = properties
            tell({type: 'clinvk.asked', sessionID, permission, patterns})
          }
          return
        case 'message.updated':
          if (info?.role !== 'assistant' || info.id === undefined) return
          if ((info.time?.created ?? began) < began) {
            copies.add(info.id)
            return
          }

          answers.add(info.id)
          once(`message ${info.id}`, {
            type: 'clinvk.message',
            sessionID,
            messageID: info.id,
            model: `${info.providerID}/${info.modelID}`,
            isSummary: info.summary === true,
          })
          return
        case 'message.part.updated':
          if (part) onPart(part, sessionID)
          return
        case 'message.part.delta':
          const {delta = '', field, partID = ''} = properties
          const kind = kinds.get(partID)
          if (field === 'text' && kind !== undefined && !children.has(sessionID))
            tell({type: 'clinvk.delta', sessionID, partID, kind, delta})
      }
    },

    async 'chat.message'(_input: unknown, {message}: {message: {model?: {providerID: string}}}) {
      const provider = message.model?.providerID
      const {data} = await client.provider.list()
      if (provider !== undefined && data !== undefined && !data.connected.includes(provider))
        tell({type: 'clinvk.disconnected', provider})
    },

    'chat.params'({model, sessionID}: {sessionID: string; model?: Model}) {
      if (maxCost !== undefined) {
        // Of a model without a price it says that it costs nothing.
        if (!model?.cost?.input && !model?.cost?.output) return Promise.reject(new Error('clinvk: noPrice'))
        const spent = [...costs.values()].reduce((total, cost) => total + cost, 0)
        if (spent >= maxCost) return Promise.reject(new Error('clinvk: maxCost'))
      }
      const count = (calls.get(sessionID) ?? 0) + 1
      calls.set(sessionID, count)
      if (!children.has(sessionID) && count > maxTurns) return Promise.reject(new Error('clinvk: maxTurns'))
      // Without an answer and a reason why it ended, opencode asks again, for ever and without a pause.
      if (++emptySteps > 10) return Promise.reject(new Error('clinvk: silence'))
      return Promise.resolve()
    },
  })
}

function tell(line: Message): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

/** What of opencode's plugin interface is used here. */
interface PluginInput {
  readonly client: {
    readonly session: {
      abort(of: {path: {id: string}}): Promise<unknown>
      update(of: {path: {id: string}; body: {title: string}}): Promise<unknown>
    }
    readonly provider: {list(): Promise<{data?: {connected: readonly string[]}}>}
  }
}

/** Prices are in US dollars for a million tokens. */
interface Model {
  readonly cost?: {readonly input?: number; readonly output?: number}
}

interface Config {
  default_agent?: string
  permission?: PermissionConfig | string
  agent?: Record<string, {permission?: PermissionConfig; disable?: boolean; mode?: string} | undefined>
}

interface Properties {
  readonly sessionID?: string
  readonly info?: {
    readonly id?: string
    readonly parentID?: string
    readonly role?: string
    readonly time?: {created?: number}
    readonly providerID?: string
    readonly modelID?: string
    readonly summary?: unknown
  }
  readonly status?: {type: string; attempt?: number; message?: string; next?: number}
  readonly error?: Message['error']
  readonly permission?: string
  readonly patterns?: string[]
  readonly part?: Part
  readonly partID?: string
  readonly field?: string
  readonly delta?: string
}
