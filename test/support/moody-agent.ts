import {linkBackendPlugin} from './link-plugin.js'
import type {Sandbox} from './sandbox.js'

/**
 * Links a backend `moody` whose agent does what its prompt says: `fail ...` prints
 * and fails, `hang` never ends, `stubborn` does not even when it is asked to; all
 * else is printed.
 */
export function linkMoodyAgent(user: Sandbox): void {
  const descriptor = {module: undefined, command: {args: []}, title: 'Moody'}
  const agent = `
    import {text} from 'node:stream/consumers'
    const prompt = await text(process.stdin)
    process.stdout.write(prompt + '\\n')
    if (prompt.startsWith('fail')) {
      process.stderr.write('the mood is bad\\n')
      process.exitCode = 1
    }
    if (prompt.startsWith('stubborn')) for (const s of ['SIGINT', 'SIGTERM']) process.on(s, () => undefined)
    if (/^(hang|stubborn)/.test(prompt)) setInterval(() => undefined, 1000)
`
  linkBackendPlugin(user, 'moody', '', {agent, descriptor})
}
