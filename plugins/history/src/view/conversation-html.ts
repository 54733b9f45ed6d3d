import {createHash} from 'node:crypto'
import type {TranscriptTurn} from '../transcript/message.js'
import {headingOf, inputText, plain, toolName} from './turn-text.js'

/** A page that needs nothing else, in pieces. All texts are escaped, and no script may run, whatever they contain. */
export async function* htmlPieces(
  title: string,
  backend: string,
  turns: AsyncIterable<TranscriptTurn>,
): AsyncGenerator<string> {
  const hash = createHash('sha256').update(STYLE).digest('base64')
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`
  yield `<!doctype html>
<html>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width">
<title>${escape(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escape(title)}</h1>
`
  for await (const turn of turns) yield turnHtml(turn, backend)
  yield '</body>\n</html>\n'
}

function turnHtml(turn: TranscriptTurn, backend: string): string {
  const {denials = [], error = '', messages, outcome = 'success'} = turn
  const results = new Map(messages.flatMap((one) => (one.type === 'tool_result' ? [[one.call_id, one]] : [])))
  const parts = messages.map((message) => {
    switch (message.type) {
      case 'text':
        return block(message.role === 'user' ? 'prompt' : 'answer', message.text)
      case 'tool_call': {
        const result = results.get(message.call_id)
        const name = toolName(message.name, message.target) + (result?.is_error ? ' (failed)' : '')
        const content =
          block('input', inputText(message.input)) + (result ? block('output', result.output) : '')
        return `<details><summary>${escape(name)}</summary>\n${content}</details>\n`
      }

      default:
        return ''
    }
  })
  const denied = denials.map(({target, tool}) => block('denied', `Not allowed: ${toolName(tool, target)}`))
  const end = outcome === 'success' ? '' : block('denied', `Ended: ${outcome}. ${error}`)
  return `<section>\n<h2>${escape(headingOf(turn, backend))}</h2>\n${[...parts, ...denied, end].join('')}</section>\n`
}

function block(kind: string, text: string): string {
  return `<pre class="${kind}">${escape(text.trim())}</pre>\n`
}

function escape(text: string): string {
  return plain(text).replace(/[&<>"']/g, (found) => `&#${found.charCodeAt(0)};`)
}

const STYLE = `
body { max-width: 50rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; }
.prompt { border-left: 4px solid #48c; padding-left: 1rem; }
.input, .output, summary { font: 0.85rem/1.4 ui-monospace, monospace; }
.output { color: #555; }
.denied { color: #a40; }
`
