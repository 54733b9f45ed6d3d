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
        const {text, type} = parse(line)
        isDone ||= type === 'done'
        if (type === 'done') return [{type: 'finished'}]
        return type === 'text' && typeof text === 'string' ? [{type, text}] : [{type: 'unparsed', line}]
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

/** What a line of Acme says; nothing when it is no JSON. Another program wrote it: check each field. */
function parse(line: string): Record<string, unknown> {
  try {
    return {...JSON.parse(line)}
  } catch {
    return {}
  }
}
