import type {Refusal, Turn} from 'clinvk-contract'

/**
 * `codex exec` never asks: what the sandbox does not allow is denied. So approval
 * `none` is how it is anyway, and to edit without asking means a sandbox in
 * which the directory may be written to.
 */
export function sandboxOptions({approval, sandbox}: Turn): {kind: 'args'; args: string[]} | Refusal {
  switch (sandbox) {
    case 'read-only':
      if (approval !== 'auto') return mode('read-only')
      return {
        kind: 'refusal',
        option: '--approval-mode auto --sandbox-mode read-only',
        reason: 'the one lets codex edit files, the other forbids it',
        instead: 'Leave out one of the two.',
      }
    case 'workspace':
      return mode('workspace-write')
    case 'full':
      return mode('danger-full-access')
    case 'default':
      return approval === 'auto' ? mode('workspace-write') : {kind: 'args', args: []}
  }
}

function mode(name: string): {kind: 'args'; args: string[]} {
  return {kind: 'args', args: ['--sandbox', name]}
}
