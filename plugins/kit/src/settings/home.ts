import {homedir} from 'node:os'
import {join, resolve} from 'node:path'

/** The directory of clinvk's own data: `CLINVK_HOME`, else `~/.clinvk`. Absolute. */
export function clinvkHome(env: Readonly<Record<string, string | undefined>>): string {
  return resolve(env.CLINVK_HOME || join(env.HOME || homedir(), '.clinvk'))
}
