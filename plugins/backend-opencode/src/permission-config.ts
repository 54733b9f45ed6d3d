/** A permission of opencode: one action for all, or by pattern. Of the rules that match, the last one counts. */
export type PermissionConfig = Readonly<Record<string, Action | Readonly<Record<string, Action>>>>

export type Action = 'allow' | 'ask' | 'deny'

/** The rules, and after them what others deny: whatever else is allowed, that stays. */
export function appendDenies(
  rules: PermissionConfig,
  others: readonly (PermissionConfig | string | undefined)[],
): PermissionConfig {
  let result: Readonly<Record<string, Readonly<Record<string, Action>>>> = {}
  for (const [name, rule] of Object.entries(rules)) result = {...result, [name]: byPattern(rule)}
  for (const other of others) {
    for (const [name, rule] of Object.entries(
      typeof other === 'string' ? {'*': other as Action} : (other ?? {}),
    )) {
      const denied = Object.entries(byPattern(rule)).filter(([, action]) => action === 'deny')
      if (denied.length === 0) continue
      // A name, and a pattern, that is set anew must stand last to be heard.
      const patterns = {
        ...without(
          result[name] ?? {},
          denied.map(([pattern]) => pattern),
        ),
        ...Object.fromEntries(denied),
      }
      result = {...without(result, [name]), [name]: patterns}
    }
  }

  return flat(result)
}

/** An action for all without its pattern: some permissions take it in no other way. */
export function flat(rules: Readonly<Record<string, Readonly<Record<string, Action>>>>): PermissionConfig {
  return Object.fromEntries(
    Object.entries(rules).map(([name, patterns]) => {
      const {'*': all, ...others} = patterns
      return [name, all !== undefined && Object.keys(others).length === 0 ? all : patterns]
    }),
  )
}

function without<T>(record: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)))
}

function byPattern(rule: Action | Readonly<Record<string, Action>>): Record<string, Action> {
  return typeof rule === 'string' ? {'*': rule} : {...rule}
}
