import * as z from 'zod'

/** What is wrong with the types of a descriptor, as a phrase. */
export async function flawOfDescriptor(descriptor: unknown): Promise<string | undefined> {
  const text = z.string()
  const texts = z.array(text)
  const flag = z.boolean()
  const size = z.int().positive()
  const schema = z.strictObject({
    module: text.optional(),
    command: z.unknown().optional(),
    title: text,
    executable: text,
    install: text,
    signIn: text.optional(),
    supportedFrom: text.optional(),
    tested: text.optional(),
    models: z.record(text, text).optional(),
    limits: z
      .strictObject({promptBytes: size, promptCharacters: size, promptUnits: size})
      .partial()
      .optional(),
    directories: texts.optional(),
    options: z
      .record(
        text,
        z.strictObject({
          type: z.enum(['string', 'boolean', 'integer', 'list']),
          description: text.min(1),
          values: texts.optional(),
        }),
      )
      .optional(),
    signInFiles: texts.optional(),
    capabilities: z
      .strictObject({
        resume: flag,
        ephemeral: flag,
        streaming: flag,
        systemPrompt: flag,
        maxTurns: flag,
        allowedTools: flag,
        addDirs: flag,
        approval: z.array(z.enum(['default', 'auto', 'none', 'always'])),
        sandbox: z.array(z.enum(['default', 'read-only', 'workspace', 'full'])),
        usage: z.array(
          z.enum([
            'input_tokens',
            'output_tokens',
            'cached_tokens',
            'reasoning_tokens',
            'total_tokens',
            'models',
          ]),
        ),
        usageWhileRunning: flag,
      })
      .partial(),
  })
  const {error} = schema.safeParse(descriptor)
  return error && z.prettifyError(error).replaceAll(/\s+/g, ' ')
}
