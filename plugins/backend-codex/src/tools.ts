import type {BackendEvent} from 'clinvk-contract'
import type {Item} from './messages.js'

/** What an item says of a tool, for people and for programs; undefined when it is no tool. */
export function toolOf(item: Item): Tool | undefined {
  switch (item.type) {
    case 'command_execution': {
      const command = item.command ?? ''
      const target = plainCommand(command)
      return {name: 'exec_command', input: {command}, target, output: item.aggregated_output ?? ''}
    }

    case 'file_change': {
      const changes = item.changes ?? []
      const files = changes.map(({kind, path}) => `${kind ?? 'change'} ${path ?? ''}`.trim())
      const target = changes.map(({path}) => path ?? '').join(', ')
      return {name: 'apply_patch', input: {changes}, target, output: files.join('\n')}
    }

    case 'mcp_tool_call': {
      const {arguments: input, error, result, server = '', tool = 'unknown'} = item
      const texts = result?.content?.map(({text}) => text ?? '') ?? []
      return {name: [server, tool].filter(Boolean).join('.'), input, output: error?.message ?? texts.join('')}
    }

    case 'web_search':
      return {name: 'web_search', input: {query: item.query}, target: item.query ?? '', output: ''}
    case 'todo_list': {
      const steps = (item.items ?? []).map(({completed, text}) => `[${completed ? 'x' : ' '}] ${text ?? ''}`)
      return {name: 'todo_list', input: {items: item.items}, output: steps.join('\n')}
    }

    default:
      return undefined
  }
}

export interface Tool {
  readonly name: string
  readonly input: unknown
  readonly target?: string
  /** What it gave, once it is completed. */
  readonly output: string
}

export function toolCall({id = ''}: Item, {input, name, target}: Tool): BackendEvent {
  return {type: 'tool_call', id, name, input, target: target || undefined}
}

export function toolResult({id = '', status}: Item, {output}: Tool): BackendEvent {
  return {type: 'tool_result', id, output, is_error: status === 'failed' || status === 'declined'}
}

/** The command as the model wrote it, without the shell that codex runs it in: `/bin/bash -lc 'make test'`. */
function plainCommand(command: string): string {
  const [, single, double, plain] = /^\S*sh -l?c (?:'([^']*)'|"([^]*)"|([^\s'"]+))$/.exec(command) ?? []
  return single ?? double?.replaceAll(/\\(["$\\`])/g, '$1') ?? plain ?? command
}
