import {createRequire} from 'node:module'
import type {Sandbox} from './sandbox.js'

/**
 * Debian's Chromium with a new profile in the user's home. Names that end in `.example` lead to this machine, and every
 * other one but `localhost` nowhere. It is driven by what `npm run test:system` installs (`test/system/browser`).
 */
export async function startChromium(user: Sandbox): Promise<Chromium> {
  const {chromium} = installed('playwright-core') as Driver
  return chromium.launchPersistentContext(user.directory('chromium'), {
    executablePath: '/usr/bin/chromium',
    args: [...ARGUMENTS],
    env: user.env,
  })
}

export interface Chromium {
  newPage(): Promise<Page>
  close(): Promise<void>
}

export interface Page {
  goto(url: string): Promise<{status(): number} | null>
  /** The value of an expression, as JSON has it; a promise's, too. */
  evaluate(script: string): Promise<unknown>
  close(): Promise<void>
}

interface Driver {
  readonly chromium: {launchPersistentContext(profile: string, options: object): Promise<Chromium>}
}

const installed = createRequire(new URL('../system/browser/package.json', import.meta.url))

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP *.example 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
]
