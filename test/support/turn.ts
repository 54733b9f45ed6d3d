import type {Turn} from 'clinvk-contract'

/** A turn without options, for tests that ask a backend itself. */
export const TURN: Turn = {
  prompt: 'hello',
  cwd: '/home/ada/project',
  session: {kind: 'new', id: '0f4b1d0e-2d51-4a5e-9c1b-7f3f8d1b2c3d'},
  approval: 'default',
  sandbox: 'default',
  allowedTools: [],
  addDirs: [],
  extra: [],
}
