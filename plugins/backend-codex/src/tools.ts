import {firstText, parseLine, parseList} from 'clinvk-backend-sdk'
import type {Item} from './messages.js'
import type {RolloutLine} from './rollout.js'

export interface Tool {
  readonly name: string
  readonly input: unknown
  readonly target?: string
  /** What it gave, once it is completed. */
  readonly output: string
}

/** What an item says of a tool, for people and for programs; undefined when it is no tool. */
export function toolOf(item: Item): Tool | undefined {
  switch (item.type) {
    case 'command_execution': {
      const {aggregated_output: output = '', command = ''} = item
      return {name: 'exec_command', input: {command}, target: plainCommand(command), output}
    }

    case 'file_change': {
      const {changes = []} = item
      const files = changes.map(({kind = 'change', path = ''}) => `${kind} ${path}`.trim())
      const target = changes.map(({path = ''}) => path).join(', ')
      return {name: 'apply_patch', input: {changes}, target, output: files.join('\n')}
    }

    case 'mcp_tool_call': {
      const {arguments: input, error, result, server = '', tool = 'unknown'} = item
      const texts = result?.content?.map(({text = ''}) => text) ?? []
      return {name: [server, tool].filter(Boolean).join('.'), input, output: error?.message ?? texts.join('')}
    }

    case 'web_search':
      return {name: 'web_search', input: {query: item.query}, target: item.query, output: ''}
    case 'todo_list': {
      const {items = []} = item
      const steps = items.map(({completed, text = ''}) => `[${completed ? 'x' : ' '}] ${text}`)
      return {name: 'todo_list', input: {items: item.items}, output: steps.join('\n')}
    }

    default:
      return undefined
  }
}

/** The command as the model wrote it, without the shell that codex runs it in: `/bin/bash -lc 'make test'`. */
function plainCommand(command: string): string {
  const [, single, double, plain] = /^\S*sh -l?c (?:'([^']*)'|"([^"]*)"|([^\s'"]+))$/.exec(command) ?? []
  return single ?? double?.replaceAll(/\\(["$\\`])/g, '$1') ?? plain ?? command
}

type RecordedItem = NonNullable<NonNullable<RolloutLine['payload']>['item']>

/** The same of an item in a thread's file: `CommandExecution`, `FileChange`, `McpToolCall`, `WebSearch`. */
export function toolOfItem(item: RecordedItem): Tool | undefined {
  const {aggregated_output: output, arguments: input, changes, command, error, result, type = ''} = item
  const words = parseList(command, '')
  const {id, query, server, tool} = item
  return toolOf({
    type: type.replace(/(?!^)[A-Z]/g, '_$&').toLowerCase(),
    id, query, server, tool, arguments: input, aggregated_output: output,
    // `["/bin/bash", "-lc", "make test"]`
    command: /^-l?c$/.test(words[1] ?? '') ? words.slice(2).join(' ') : words.join(' '),
    changes: Object.entries(Object(changes) as Record<string, unknown>).map(([path, change]) => ({
      path, kind: parseList([change], {type: ''})[0]?.type,
    })),
    result: parseList([result], {content: [{text: ''}]})[0],
    error: parseList([error], {message: ''})[0],
  }) // prettier-ignore
}

export function isFailed(status = ''): boolean {
  return status === 'failed' || status === 'declined'
}

/** What a call that the model wrote is about: a command, a patch's files. */
export function targetOf(input: unknown): string | undefined {
  if (typeof input === 'string')
    return (
      [...input.matchAll(/^\*\*\* (?:Add|Update|Delete) File: (.+)$/gm)].map(([, file]) => file).join(', ') ||
      undefined
    )
  const {command} = Object(input) as {command?: unknown}
  const words = parseList(command, '')
  return words.length > 0
    ? plainCommand(words.slice(-1)[0]!)
    : firstText(input, ['cmd', 'command', 'path', 'query'])
}

/** What the model was told that a tool gave: a text, parts with texts, or an object with them. */
export function outputOf(output: unknown): {output: string; isError: boolean} {
  const [{content, success} = {}] = parseList([output], {content: null, success: true})
  const text =
    typeof output === 'string' ? output : typeof content === 'string' ? content : textsOf(content ?? output)
  const old = parseLine(text, {output: '', metadata: {exit_code: 0}})
  if (old?.output !== undefined) return {output: old.output, isError: (old.metadata?.exit_code ?? 0) !== 0}
  const [, code = '0'] = /^(?:Process exited with|Exit) code:? (\d+)$/m.exec(text.slice(0, 500)) ?? []
  const [, rest = text] = /^(?:Chunk ID|Exit code|Wall time)[^]{0,500}?\nOutput:\n([^]*)$/.exec(text) ?? []
  return {output: rest, isError: success === false || code !== '0'}
}

function textsOf(parts: unknown): string {
  return parseList(parts, {text: ''})
    .flatMap(({text}) => text ?? [])
    .join('\n')
}
