import {z} from 'zod'
import {DEFAULTS} from './settings.js'

const {output, session, unified_flags: unified} = DEFAULTS
const count = z.int().min(0)
const approval = z.enum(['default', 'auto', 'none', 'always'])
const sandbox = z.enum(['default', 'read-only', 'workspace', 'full'])

/** What `config.yaml` may hold. Unknown keys are errors: a setting that is misspelt must not be silently without effect. */
export const settingsSchema = z.strictObject({
  default_backend: z.string().min(1).default(DEFAULTS.default_backend),
  unified_flags: z
    .strictObject({
      approval_mode: approval.default(unified.approval_mode),
      sandbox_mode: sandbox.default(unified.sandbox_mode),
      verbose: z.boolean().default(unified.verbose),
      dry_run: z.boolean().default(unified.dry_run),
      max_turns: count.default(unified.max_turns),
      max_tokens: count.default(unified.max_tokens),
      command_timeout_secs: count.default(unified.command_timeout_secs),
    })
    .default({...unified}),
  backends: z
    .record(
      z.string(),
      z.strictObject({
        model: z.string().optional(),
        allowed_tools: z.string().optional(),
        approval_mode: approval.optional(),
        sandbox_mode: sandbox.optional(),
        extra_flags: z.array(z.string()).optional(),
        enabled: z.boolean().optional(),
        system_prompt: z.string().optional(),
      }),
    )
    .default({}),
  session: z
    .strictObject({
      auto_resume: z.boolean().default(session.auto_resume),
      continue_scope: z.enum(['any', 'here']).default(session.continue_scope),
      retention_days: count.default(session.retention_days),
      store_token_usage: z.boolean().default(session.store_token_usage),
      default_tags: z.array(z.string()).default([...session.default_tags]),
    })
    .default({...session, default_tags: [...session.default_tags]}),
  output: z
    .strictObject({
      format: z.enum(['default', 'text', 'json', 'stream-json']).default(output.format),
      show_tokens: z.boolean().default(output.show_tokens),
      show_timing: z.boolean().default(output.show_timing),
      color: z.boolean().default(output.color),
    })
    .default({...output}),
  // Kept for the plugins that they belong to.
  parallel: z.record(z.string(), z.unknown()).optional(),
  server: z.record(z.string(), z.unknown()).optional(),
  plugins: z.record(z.string(), z.unknown()).optional(),
})
