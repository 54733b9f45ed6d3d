import type {Config} from '@oclif/core'
import type {Check, Finding} from 'clinvk-kit/hooks/doctor'
import {oneLine} from 'clinvk-kit/format/text'
import {runHook, withTimeout} from 'clinvk-kit/hooks/run-hook'

/** The checks of plugins. Where one throws or hangs, the plugin is reported as a problem. */
export async function pluginChecks(
  config: Config,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Check[]> {
  const {answers, failures} = await runHook<unknown>(config, 'doctor', {env}, HOOK_TIMEOUT_MS)
  return [
    ...answers.flatMap(({answer, plugin}) => checksOf(answer, plugin)),
    ...failures.map(({message, plugin}) => broken(plugin, message)),
  ]
}

function checksOf(answer: unknown, plugin: string): Check[] {
  if (!Array.isArray(answer)) return [broken(plugin, 'it did not return a list of checks')]
  return answer.map((check: unknown) =>
    isCheck(check) ? guarded(check, plugin) : broken(plugin, 'one of its checks has no `name` and `run`'),
  )
}

function guarded(check: Check, plugin: string): Check {
  const name = oneLine(check.name)
  return {
    name,
    async run() {
      const findings: unknown = await withTimeout(
        CHECK_TIMEOUT_MS,
        check.run(),
        `the check of ${plugin} did not finish within ${CHECK_TIMEOUT_MS / 1000} s`,
      )
      if (Array.isArray(findings) && findings.every((finding) => isFinding(finding))) return findings
      throw new Error(`the check of ${plugin} did not return a list of findings`)
    },
  }
}

function isCheck(check: unknown): check is Check {
  const {name, run} = (check ?? {}) as Record<string, unknown>
  return typeof name === 'string' && typeof run === 'function'
}

function isFinding(finding: unknown): finding is Finding {
  const {hints = [], message, repair, state} = (finding ?? {}) as Record<string, unknown>
  return (
    (state === 'ok' || state === 'warning' || state === 'problem') &&
    typeof message === 'string' &&
    Array.isArray(hints) &&
    hints.every((hint) => typeof hint === 'string') &&
    (repair === undefined || typeof repair === 'function')
  )
}

function broken(plugin: string, message: string): Check {
  return {name: plugin, run: () => [{state: 'problem', message: `${plugin} failed in its check: ${message}`}]}
}

const HOOK_TIMEOUT_MS = 5000
const CHECK_TIMEOUT_MS = 30_000
