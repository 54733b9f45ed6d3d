import {setTimeout as wait} from 'node:timers/promises'

/** Looks again and again until there is an answer. Rejects when there is none in a time that is long for any machine. */
export async function waitFor<T>(what: string, look: () => T | undefined | false, ms = 30_000): Promise<T> {
  for (const deadline = Date.now() + ms; ;) {
    const found = look()
    if (found !== undefined && found !== false) return found
    if (Date.now() > deadline) throw new Error(`${what}: not within ${ms / 1000} s`)
    await wait(POLL_MS)
  }
}

const POLL_MS = 20
