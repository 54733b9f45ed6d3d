import * as z from 'zod'
import {partsOf} from '../placeholders.js'
import {duration, optional, taskSchema, text, yesOrNo} from './task-schema.js'

/** What `clinvk parallel` does. */
export const parallelSchema = z.strictObject(
  {
    tasks: z.array(taskSchema, 'a list of tasks').min(1, 'at least one task'),
    max_parallel: optional(z.int('a whole number').min(1, 'a number from 1 on')),
    fail_fast: yesOrNo(),
    output_dir: text(),
    dry_run: yesOrNo(),
    timeout: duration(),
  },
  'a list of tasks, or fields with one',
)

/** What `clinvk chain` does. */
export const chainSchema = z
  .strictObject(
    {
      steps: z.array(taskSchema, 'a list of steps').min(1, 'at least one step'),
      stop_on_failure: yesOrNo(),
      pass_working_dir: yesOrNo(),
      pass_session_id: yesOrNo(),
      /** The reference program's other name for it. */
      persist_sessions: yesOrNo(),
      dry_run: yesOrNo(),
      timeout: duration(),
    },
    'a list of steps, or fields with one',
  )
  .superRefine(({steps}, context) => {
    const names = steps.map(({id, name}) => name ?? id)
    for (const [index, {prompt}] of steps.entries()) {
      for (const part of partsOf(prompt, index, names)) {
        if (typeof part === 'string' || part.kind !== 'wrong') continue
        const message = `${part.text} names nothing: ${part.why}.`
        context.addIssue({
          code: 'custom',
          path: ['steps', index, 'prompt'],
          message,
          params: {isSentence: true},
        })
      }
    }
  })

export type ParallelDescription = z.infer<typeof parallelSchema>
export type ChainDescription = z.infer<typeof chainSchema>
