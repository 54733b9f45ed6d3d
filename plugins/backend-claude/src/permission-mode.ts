import type {Host, Refusal, Turn} from 'clinvk-contract'

/**
 * Claude has one permission mode for both questions, what is asked and what may
 * be touched, so some pairs of approval and sandbox contradict each other.
 * Headless, nobody is asked in any mode: what would need a question is denied.
 */
export function permissionMode(
  {approval, sandbox}: Turn,
  host: Host,
): {kind: 'args'; args: string[]} | Refusal {
  switch (sandbox) {
    case 'read-only':
      if (approval !== 'auto') return mode('plan')
      return {
        kind: 'refusal',
        option: '--approval-mode auto --sandbox-mode read-only',
        reason: 'the one lets Claude Code edit files, the other forbids it',
        instead: 'Leave out one of the two.',
      }
    case 'full':
      // As root claude itself refuses, unless it is told that the machine is a sandbox.
      if (!host.isRoot || host.env.IS_SANDBOX === '1') return mode('bypassPermissions')
      return {
        kind: 'refusal',
        option: '--sandbox-mode full',
        reason: 'Claude Code does not run without limits as root',
        instead: 'Run it as another user, or set IS_SANDBOX=1 when this machine is a sandbox.',
      }
    default:
      if (approval === 'auto') return mode('acceptEdits')
      return approval === 'none' ? mode('dontAsk') : {kind: 'args', args: []}
  }
}

function mode(name: string): {kind: 'args'; args: string[]} {
  return {kind: 'args', args: ['--permission-mode', name]}
}
