import type {Outcome} from 'clinvk-kit/errors/failure'
import {type AgentUser, ClaudeUser, CodexUser, GeminiUser, OpencodeUser} from './agent-user.js'
import type {ErrorReply, ToolCall} from './model-server/index.js'

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
  /** How its model asks for what stands in a file. */
  readFile(path: string): ToolCall
  /** How its model asks for a new file with this one line. */
  newFile(path: string, line: string): ToolCall
  /** Whether its editing tool works outside of the directory, too, when nothing limits it. */
  readonly editsAnywhere: boolean
  /** Flags with which it edits files where it would not do so by itself, as a denial names them. */
  readonly allowEdit: readonly string[]
  /** The value of `--allowed-tools` for a command, whatever its arguments are. */
  allowCommand(command: string): string
  /** What its models are called, by the names that every agent knows, or by those that it has instead. */
  readonly models: Readonly<Record<'fast' | 'balanced' | 'best', RegExp>>
  readonly names?: Readonly<Record<'balanced' | 'best', string>>
  /** How its model gives an answer by a schema, where that is no text. */
  readonly answerTool?: string
  /** One of its models, by the agent's own name. */
  readonly model: string
  /** What stands before the name of a model, as the agent tells it, that its provider is not told. */
  readonly provider: string
  /** Words of the system prompt that it has when none is given. */
  readonly systemPrompt: string
  /** Whether an answer is shown while it comes. */
  readonly streams: boolean
  /** Whether it tells what the model thought, and how many tokens that took. */
  readonly reasoning: {readonly text: boolean; readonly tokens: boolean}
  /** The variable with its key for the model. */
  readonly key: string
  /** What an error of the server is to it that it tells of and gets over, with its own retries. */
  readonly passing: ErrorReply & {readonly failTimes: number}
  /** How a turn ends when nobody answers at the model's address, and what the user reads of that. */
  readonly unreachable: {readonly code: number; readonly outcome: Outcome; readonly says: RegExp}
  /** How long a turn may be without a sign of life before it is taken for hanging: longer than the agent's start. */
  readonly patience: string
  /** The command that deletes what it keeps apart from files, without the id. */
  readonly laterBy?: string
  /** Whether it alone can delete what it keeps of a conversation. */
  readonly deletesAlone: boolean
  /** What is refused because the agent cannot do it, and the reason that clinvk gives. */
  readonly refuses: Readonly<Record<string, string>>
}

/** The mark of a promise for which some agents, the quickest ones, are enough for each change; all keep it in `test:agents:all`. */
export function smokeOf({name}: Agent, ...names: readonly string[]): string {
  return names.includes(name) ? ' @smoke' : ''
}

export const FIVE_MB = 'a prompt of 5000000 characters'

const BY_ALL = {'--approval-mode always': 'nobody can be asked while clinvk runs the agent'}

export const AGENTS: readonly Agent[] = [
  {
    name: 'claude',
    title: 'Claude Code',
    create: (url) => new ClaudeUser(url),
    always: [],
    shell: (command) => ({name: 'Bash', input: {command}}),
    allowShell: ['--allowed-tools', 'Bash'],
    readFile: (path) => ({name: 'Read', input: {file_path: path}}),
    newFile: (path, line) => ({name: 'Write', input: {file_path: path, content: `${line}\n`}}),
    editsAnywhere: true,
    allowEdit: ['--approval-mode', 'auto'],
    allowCommand: (command) => `Bash(${command}:*)`,
    models: {fast: /haiku/, balanced: /sonnet/, best: /opus/},
    answerTool: 'StructuredOutput',
    model: 'claude-sonnet-5',
    provider: '',
    systemPrompt: 'You are an interactive agent',
    streams: true,
    reasoning: {text: true, tokens: false},
    key: 'ANTHROPIC_API_KEY',
    passing: {status: 500, failTimes: 1},
    unreachable: {
      code: 1,
      outcome: 'failed',
      says: /^Error: API Error: Unable to connect to API \(ConnectionRefused\)$/m,
    },
    patience: '4s',
    deletesAlone: false,
    refuses: {...BY_ALL, '--sandbox-mode workspace': 'Claude Code does not support it'},
  },
  {
    name: 'codex',
    title: 'Codex',
    create: (url) => new CodexUser(url),
    always: [],
    shell: (cmd) => ({name: 'exec_command', input: {cmd, yield_time_ms: 30_000}}),
    allowShell: ['--sandbox-mode', 'full'],
    readFile: (path) => ({name: 'exec_command', input: {cmd: `cat ${path}`}}),
    newFile: (path, line) => ({
      name: 'apply_patch',
      input: `*** Begin Patch\n*** Add File: ${path}\n+${line}\n*** End Patch\n`,
    }),
    editsAnywhere: true,
    allowEdit: ['--sandbox-mode', 'workspace'],
    allowCommand: (command) => command,
    models: {fast: /^gpt-6-luna$/, balanced: /^gpt-6\.1-sol$/, best: /^gpt-6-astra$/},
    model: 'gpt-5.5',
    provider: '',
    systemPrompt: 'You are Codex',
    streams: false,
    reasoning: {text: true, tokens: true},
    key: 'MODEL_SERVER_KEY',
    // The first four it does not tell of.
    passing: {status: 500, failTimes: 5},
    unreachable: {code: 6, outcome: 'timeout', says: /^Note: codex tries again \(1\): Connection failed: /},
    patience: '4s',
    laterBy: 'codex delete --force',
    deletesAlone: false,
    refuses: {
      ...BY_ALL,
      [FIVE_MB]: 'Codex takes at most 1048576 characters',
      '--max-turns': 'Codex cannot do that',
      '--max-cost': 'Codex cannot do that',
      '--max-tokens': 'Codex does not report its tokens while it runs',
      '--allowed-tools': 'Codex cannot do that',
    },
  },
  {
    name: 'gemini',
    title: 'Gemini CLI',
    create: (url) => new GeminiUser(url),
    // Else it asks a small model first which one is to answer.
    always: ['-m', 'fast'],
    shell: (command) => ({name: 'run_shell_command', input: {command}}),
    allowShell: ['--allowed-tools', 'run_shell_command'],
    readFile: (path) => ({name: 'read_file', input: {file_path: path}}),
    newFile: (path, line) => ({name: 'write_file', input: {file_path: path, content: `${line}\n`}}),
    editsAnywhere: false,
    allowEdit: ['--approval-mode', 'auto'],
    allowCommand: (command) => `run_shell_command(${command})`,
    models: {fast: /flash-lite$/, balanced: /flash$/, best: /pro/},
    model: 'gemini-2.5-pro',
    provider: '',
    systemPrompt: 'Gemini CLI',
    streams: true,
    reasoning: {text: false, tokens: true},
    key: 'GEMINI_API_KEY',
    passing: {status: 500, failTimes: 1},
    unreachable: {code: 1, outcome: 'failed', says: /^Error: .*fetch failed/m},
    patience: '4s',
    deletesAlone: false,
    refuses: {
      ...BY_ALL,
      [FIVE_MB]: 'Gemini CLI takes at most 4000000 characters',
      '--max-turns': 'Gemini CLI cannot do that',
      '--max-cost': 'Gemini CLI cannot do that',
      '--max-tokens': 'Gemini CLI does not report its tokens while it runs',
      '--sandbox-mode workspace': 'Gemini CLI does not support it',
    },
  },
  {
    name: 'opencode',
    title: 'OpenCode',
    create: (url) => new OpencodeUser(url),
    always: [],
    shell: (command) => ({name: 'bash', input: {command, description: 'as asked'}}),
    allowShell: ['--allowed-tools', 'bash'],
    readFile: (path) => ({name: 'read', input: {filePath: path}}),
    newFile: (path, line) => ({name: 'write', input: {filePath: path, content: `${line}\n`}}),
    editsAnywhere: true,
    allowEdit: ['--approval-mode', 'auto'],
    allowCommand: (command) => `bash(${command} *)`,
    models: {fast: /model-a$/, balanced: /model-b$/, best: /model-c$/},
    names: {balanced: 'invented/model-b', best: 'invented/model-c'},
    model: 'invented/model-b',
    provider: 'invented/',
    systemPrompt: 'You are opencode',
    streams: true,
    reasoning: {text: true, tokens: true},
    key: 'MODEL_SERVER_KEY',
    passing: {status: 500, failTimes: 1},
    unreachable: {code: 1, outcome: 'failed', says: /^Error: Cannot connect to API: /m},
    patience: '8s',
    laterBy: 'opencode session delete',
    deletesAlone: true,
    refuses: {
      ...BY_ALL,
      '--model fast':
        'OpenCode has models of many providers and wants the provider with the name: provider/model',
      '--sandbox-mode workspace': 'OpenCode does not support it',
    },
  },
]
