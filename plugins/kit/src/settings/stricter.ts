import type {ApprovalMode, SandboxMode} from 'clinvk-contract'

/** What the agent may do: the two questions that belong together. */
export interface Rights {
  readonly approval_mode: ApprovalMode
  readonly sandbox_mode: SandboxMode
}

/**
 * Whether `wish` leaves an agent less than `now`, whatever the agent's own
 * settings say (`docs/reference/configuration.md` has this order in words):
 *
 *     approval   always < none < default, auto
 *     sandbox    read-only < workspace, default < full
 *
 * `default` is the agent's own way, which clinvk does not know. So it is neither
 * more nor less than `auto` and `workspace`.
 */
export function isStricter<Key extends keyof Rights>(key: Key, wish: Rights[Key], now: Rights[Key]): boolean {
  const stricter: Record<string, readonly string[] | undefined> = STRICTER[key]
  return stricter[now]?.includes(wish) ?? false
}

/** The rights that are left when a project wishes for less; what it wishes beyond that is not granted. */
export function restrict(now: Rights, wish: Partial<Rights>, hasWorkspace: boolean): Rights {
  let {approval_mode: approval = now.approval_mode, sandbox_mode: sandbox = now.sandbox_mode} = wish
  if (!isStricter('approval_mode', approval, now.approval_mode)) approval = now.approval_mode
  if (!isStricter('sandbox_mode', sandbox, now.sandbox_mode)) sandbox = now.sandbox_mode
  // To edit without asking and to touch nothing contradict each other, and every backend refuses the pair.
  if (sandbox === 'read-only' && sandbox !== now.sandbox_mode && approval === 'auto') approval = 'none'
  // Where the sandbox is a setting apart, `auto` has meant `workspace`; without it the agent's own would come back, which may be more.
  if (hasWorkspace && now.approval_mode === 'auto' && approval !== 'auto' && sandbox === 'default')
    sandbox = 'read-only'
  return {approval_mode: approval, sandbox_mode: sandbox}
}

/** Whether an agent with the rights `a` may do nothing that it may not do with `b`. */
export function isAsStrict(a: Rights, b: Rights): boolean {
  return (['approval_mode', 'sandbox_mode'] as const).every(
    (key) => a[key] === b[key] || isStricter(key, a[key], b[key]),
  )
}

const STRICTER: {[Key in keyof Rights]: Record<Rights[Key], readonly Rights[Key][]>} = {
  approval_mode: {always: [], none: ['always'], default: ['none', 'always'], auto: ['none', 'always']},
  sandbox_mode: {
    'read-only': [],
    workspace: ['read-only'],
    default: ['read-only'],
    full: ['read-only', 'workspace', 'default'],
  },
}
