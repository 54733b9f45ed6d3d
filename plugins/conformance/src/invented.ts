import type {Ask, Host, Turn} from 'clinvk-contract'

export const SESSION_ID = '0c6e1a52-7a41-4d53-9f0e-2b8f7a9d3c11'
export const OTHER_SESSION_ID = '5b1c0d9e-36f2-4b8a-8d17-c40fe2a96b35'

export const HOST: Host = {
  platform: 'linux',
  isRoot: false,
  env: {HOME: '/home/ada', PATH: '/usr/bin:/bin', LANG: 'C.UTF-8'},
  scratch: '/scratch',
}

/** The agent is not installed where the backend is tried. */
export const NO_ANSWER: Ask = () => Promise.resolve(undefined)

/** A turn that asks for nothing special. */
export const PLAIN: Turn = {
  prompt: 'Say hello.',
  cwd: '/home/ada/project',
  session: {kind: 'new', id: SESSION_ID},
  approval: 'default',
  sandbox: 'default',
  allowedTools: [],
  addDirs: [],
  extra: [],
}
