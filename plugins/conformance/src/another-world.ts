import {randomBytes} from 'node:crypto'

/** Runs something at another time, with other luck and another environment of the process. */
export function inAnotherWorld<T>(task: () => T): T {
  const {env} = process
  const {random} = Math
  const {Date: RealDate} = globalThis
  process.env = {
    HOME: '/elsewhere',
    PATH: '/elsewhere/bin',
    USER: 'bob',
    CI: '1',
    DEBUG: '*',
    [randomName()]: '1',
  }
  Math.random = () => 0.123
  globalThis.Date = laterDate(RealDate)
  try {
    return task()
  } finally {
    process.env = env
    Math.random = random
    globalThis.Date = RealDate
  }
}

/** Runs something while the clock stands still. */
export function atOneMoment<T>(task: () => T): T {
  const {Date: RealDate} = globalThis
  globalThis.Date = fixedDate(RealDate, MOMENT)
  try {
    return task()
  } finally {
    globalThis.Date = RealDate
  }
}

function laterDate(real: DateConstructor): DateConstructor {
  return fixedDate(real, real.now() + 1e9)
}

function fixedDate(real: DateConstructor, now: number): DateConstructor {
  return new Proxy(real, {
    construct: (target, args: unknown[]) =>
      Reflect.construct(target, args.length === 0 ? [now] : args) as object,
    get: (target, key, receiver) =>
      key === 'now' ? () => now : (Reflect.get(target, key, receiver) as unknown),
  })
}

function randomName(): string {
  return `X${randomBytes(4).toString('hex')}`
}

const MOMENT = Date.UTC(2026, 0, 2, 3, 4, 5)
