declare module 'cross-spawn' {
  import type {spawn} from 'node:child_process'

  /** Takes what `spawn` of Node takes, and starts scripts on Windows, too. */
  const crossSpawn: {readonly spawn: typeof spawn}
  export default crossSpawn
}
