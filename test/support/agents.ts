import type {AgentUser} from './agent-user.js'
import {ClaudeUser} from './claude-sandbox.js'
import {CodexUser} from './codex-sandbox.js'
import {GeminiUser} from './gemini-sandbox.js'
import type {ToolCall} from './model-server/index.js'

/** A real agent, and where its words differ from those of the others. */
export interface Agent {
  /** Of its backend. */
  readonly name: string
  /** For people. */
  readonly title: string
  create(url: string): AgentUser
  /** Flags of every turn. */
  readonly always: readonly string[]
  /** How its model asks for a command to be run. */
  shell(command: string): ToolCall
  /** Flags with which it runs that command. */
  readonly allowShell: readonly string[]
  /** Whether an answer is shown while it comes. */
  readonly streams: boolean
}

export const AGENTS: readonly Agent[] = [
  {
    name: 'claude',
    title: 'Claude Code',
    create: (url) => new ClaudeUser(url),
    always: [],
    shell: (command) => ({name: 'Bash', input: {command}}),
    allowShell: ['--allowed-tools', 'Bash'],
    streams: true,
  },
  {
    name: 'codex',
    title: 'Codex',
    create: (url) => new CodexUser(url),
    always: [],
    shell: (cmd) => ({name: 'exec_command', input: {cmd, yield_time_ms: 30_000}}),
    allowShell: ['--sandbox-mode', 'full'],
    streams: false,
  },
  {
    name: 'gemini',
    title: 'Gemini CLI',
    create: (url) => new GeminiUser(url),
    // Else it asks a small model first which one is to answer.
    always: ['-m', 'fast'],
    shell: (command) => ({name: 'run_shell_command', input: {command}}),
    allowShell: ['--allowed-tools', 'run_shell_command'],
    streams: true,
  },
]
