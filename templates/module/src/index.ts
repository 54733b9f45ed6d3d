import type {Backend} from '../contract.js'

export default {
  // What to start: the program is `executable` in package.json.
  plan: ({extra, model, prompt}) => ({
    kind: 'invocation',
    args: [...(model === undefined ? [] : [`--model=${model}`]), ...extra],
    stdin: prompt,
  }),
  // What its lines mean, and how it went.
  reader() {
    let isDone = false
    return {
      line(line) {
        const message = parse(line)
        isDone ||= message?.type === 'done'
        if (message?.type === 'text') return [{type: 'text', text: message.text}]
        return message?.type === 'done' ? [{type: 'finished'}] : [{type: 'unparsed', line}]
      },
      end: ({code, signal, stderr}) =>
        isDone
          ? {outcome: 'success'}
          : {
              outcome: 'failed',
              message: `Acme ended early (${signal ?? `exit code ${code}`}). ${stderr}`.trim(),
            },
    }
  },
} satisfies Backend

/** What Acme prints, one object a line. */
type Message = {type: 'text'; text: string} | {type: 'done'}

/** Undefined for a line that is no JSON; it is kept as `unparsed`, never thrown away. */
function parse(line: string): Message | undefined {
  try {
    return JSON.parse(line) as Message
  } catch {
    return undefined
  }
}
