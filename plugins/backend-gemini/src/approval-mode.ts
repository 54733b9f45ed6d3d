import {contradiction} from 'clinvk-backend-sdk'
import type {Refusal, Turn} from 'clinvk-contract'

export interface Approval {
  readonly kind: 'approval'
  readonly args: readonly string[]
  /** Rules for gemini's policy engine, as a file in TOML. */
  readonly policy?: string
}

/**
 * Gemini has one approval mode for both questions, what is asked and what may be
 * touched, so some pairs of approval and sandbox contradict each other. Headless,
 * nobody is asked in any mode: tools that would ask are not offered to the model.
 */
export function approvalMode({allowedTools, approval, sandbox}: Turn): Approval | Refusal {
  switch (sandbox) {
    case 'read-only':
      if (approval === 'auto') {
        return contradiction(
          '--approval-mode auto --sandbox-mode read-only',
          'the one lets Gemini CLI edit files, the other forbids it',
        )
      }

      // Tools that are allowed by name run in every mode.
      if (allowedTools.length > 0) {
        return contradiction(
          '--allowed-tools with --sandbox-mode read-only',
          'the one lets Gemini CLI use a tool whatever it does, the other forbids every change',
        )
      }

      return mode('plan', deny([...PLAN_MODE_TOOLS, ...WRITING_TOOLS]))
    case 'full':
      return mode('yolo')
    default:
      if (approval === 'auto') return mode('auto_edit', deny(PLAN_MODE_TOOLS))
      // Said aloud, because gemini's settings may name another mode.
      if (approval === 'none') return mode('default', deny(PLAN_MODE_TOOLS))
      return {kind: 'approval', args: [], policy: deny(PLAN_MODE_TOOLS)}
  }
}

function mode(name: string, policy?: string): Approval {
  return {kind: 'approval', args: ['--approval-mode', name], policy}
}

/** A rule above everything that a user's settings and policies may say. */
function deny(tools: readonly string[]): string {
  return `[[rule]]\ntoolName = ${JSON.stringify(tools)}\ndecision = "deny"\npriority = 999\n`
}

/**
 * The model's own way out of every limit: headless, a model of gemini 0.61.0 that
 * enters plan mode (or is in it), writes a plan and leaves plan mode works in yolo
 * mode from there on, and nobody is asked (`getAllowApprovalMode`; seen).
 */
const PLAN_MODE_TOOLS = ['enter_plan_mode', 'exit_plan_mode']

/** Plan mode denies them already, but settings may allow them by name, or switch plan mode off. */
const WRITING_TOOLS = ['write_file', 'replace', 'run_shell_command']
