import type {Config} from '@oclif/core'

/**
 * Tells the plugins that listen to `event`. One that fails or hangs is named by
 * `notice` and never hurts what is being told.
 */
export async function tell(
  config: Config,
  event: string,
  about: object,
  notice: (message: string) => void,
): Promise<void> {
  if (![...config.plugins.values()].some(({hooks}) => (hooks[event]?.length ?? 0) > 0)) return
  // A timer of our own: oclif's does not keep Node alive, so a hung listener would end the process in the middle.
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), LISTENER_MS)
  })
  const result = await Promise.race([
    config.runHook(event, about as Record<string, unknown>, undefined, true),
    late,
  ])
  clearTimeout(timer)
  if (result === 'late')
    return notice(`A plugin that listens to ${event} did not finish within ${LISTENER_MS / 1000} s.`)
  for (const {error, plugin} of result.failures) notice(`${plugin.name} failed on ${event}: ${error.message}`)
}

const LISTENER_MS = 5000
