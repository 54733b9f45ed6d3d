import type {Invocation} from 'clinvk-contract'
import {refusalByDescriptor} from 'clinvk-kit/turn/refuse'
import {attemptOrNothing} from '../attempt.js'
import {type Bench, invocationOf} from '../bench.js'
import {type Check, expectThat, show} from '../check.js'
import {MEGABYTE} from '../hard-turns.js'

/** The way of the prompt to the agent. */
export const PROMPT_CHECKS: readonly Check<Bench>[] = [
  {
    id: 'prompt-whole',
    title: 'A prompt reaches the agent as it is: quotes, line breaks, dashes, slashes, emoji.',
    fix: 'Pass it on unchanged by `stdin`. What must stand before it, so that the agent takes it for text, may be a space.',
    run(bench) {
      for (const prompt of PROMPTS) {
        const plan = attemptOrNothing(() => bench.plan(bench.turn({prompt})))
        if (!plan) continue
        const invocation = invocationOf(plan, `The prompt ${show(prompt)}`)
        const found = carriersOf(invocation, prompt).length > 0
        expectThat(
          found,
          `the prompt ${show(prompt)} whole in stdin, an argument or a file`,
          show(invocation),
        )
      }
    },
  },
  {
    id: 'prompt-no-option',
    title: 'A prompt that begins with a dash cannot be taken for an option.',
    fix: 'Use `stdin`; or put `--` before the prompt, or write `--prompt=…` in one word.',
    run(bench) {
      for (const prompt of PROMPTS.filter((text) => text.startsWith('-'))) {
        const plan = attemptOrNothing(() => bench.plan(bench.turn({prompt})))
        if (plan?.kind !== 'invocation') continue
        const at = plan.args.findIndex((word) => word.startsWith(prompt))
        const isSafe = at === -1 || plan.args.slice(0, at).includes('--')
        expectThat(isSafe, `${show(prompt)} behind \`--\`, or on stdin`, show(plan.args))
      }
    },
  },
  {
    id: 'prompt-fits',
    title: 'A prompt of 1 MB is within what the system takes, or above a limit that the descriptor tells.',
    fix: 'Use `stdin`; or set `limits.promptBytes` (Linux takes 131071 bytes an argument).',
    run(bench) {
      const turn = bench.turn({prompt: MEGABYTE})
      const plan = attemptOrNothing(() => bench.plan(turn))
      if (!plan) return
      if (plan.kind === 'refusal') {
        const byDescriptor = refusalByDescriptor(bench.entry.descriptor, turn) !== undefined
        expectThat(byDescriptor, '`limits` in the descriptor, so that it is known before', show(plan))
        return
      }

      const sizes = [...plan.args, ...Object.values(plan.env ?? {})].map((word) =>
        Buffer.byteLength(word ?? ''),
      )
      const largest = Math.max(0, ...sizes)
      expectThat(
        largest <= LONGEST_ARGUMENT,
        `arguments of at most ${LONGEST_ARGUMENT} bytes`,
        `one of ${largest}`,
      )
    },
  },
]

/** What of an invocation carries this text whole. */
function carriersOf({args, files = [], stdin}: Invocation, text: string): string[] {
  // An agent whose input is JSON gets it as a string of JSON.
  const forms = [text, JSON.stringify(text).slice(1, -1)]
  return [stdin, ...args, ...files.map(({content}) => content)].filter((place) =>
    forms.some((form) => place.includes(form)),
  )
}

const PROMPTS = [
  '-v',
  '--help',
  '- a list item\n- another',
  '--prompt=x',
  '/help me with this',
  '/cost',
  '@file.txt and #tag !ls',
  `It's "quoted" \\ $(id) \`id\` $HOME %PATH% ; rm -rf x | cat > y & *`,
  ' begins and ends with blanks ',
  'two\nlines\r\nand a tab\t.\n\nEnd.\n',
  'emoji 👩‍👩‍👧‍👦 and accents é e\u0301 and 漢字',
  '{"type":"user","text":"json"}',
  'true',
  '0',
]
const LONGEST_ARGUMENT = 131_071
