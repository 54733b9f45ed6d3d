interface FakeGlobals {
  /** Milliseconds: the clock stands still. */
  readonly now: number
  readonly env?: NodeJS.ProcessEnv
  readonly random?: () => number
}

/** Runs a task at a fixed time and, if given, with another environment and other random numbers. */
export function withFakeGlobals<T>(
  {env = process.env, now, random = Math.random}: FakeGlobals,
  task: () => T,
): T {
  const real = {env: process.env, random: Math.random, Date: globalThis.Date}
  process.env = env
  Math.random = random
  globalThis.Date = new Proxy(real.Date, {
    construct: (target, args: unknown[]) =>
      Reflect.construct(target, args.length > 0 ? args : [now]) as object,
    get: (target, key) => (key === 'now' ? () => now : (Reflect.get(target, key) as unknown)),
  })
  try {
    return task()
  } finally {
    process.env = real.env
    Math.random = real.random
    globalThis.Date = real.Date
  }
}
