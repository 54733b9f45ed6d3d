import type {Config} from '@oclif/core'
import {isFailure, messageOf} from 'clinvk-kit/errors/failure'
import {oneLine} from 'clinvk-kit/format/text'
import type {Check, Finding} from 'clinvk-kit/hooks/doctor'
import {runHook, withTimeout} from 'clinvk-kit/hooks/run-hook'
import type {IO} from 'clinvk-kit/io'
import {askYes} from 'clinvk-kit/format/ask-yes'
import {agentFindings} from './agents.js'
import type {DoctorContext} from './context.js'
import {pluginFindings} from './plugins.js'
import type {Examination, Examined} from './report.js'
import {
  completionFindings,
  homeFindings,
  installationFindings,
  nodeFindings,
  settingsFindings,
} from './set-up.js'

/** Runs our checks, then those of plugins. With `fix`, whom it asks, it repairs what can be repaired, and checks again. */
export async function examine(context: DoctorContext, fix: IO | undefined): Promise<Examination> {
  const findings: Examined[] = []
  const repaired: string[] = []
  const own = Object.entries(OWN).map(([name, find]): Check => ({name, run: () => find(context)}))
  for (const check of [...own, ...(await pluginChecks(context.config, context.env))]) {
    let found = await runCheck(check)
    let hasTried = false
    for (const {question, repair} of fix ? found : []) {
      if (!repair || (question !== undefined && !(fix!.stdin.isTTY && (await askYes(question, fix!)))))
        continue
      repaired.push(await attempt(repair))
      hasTried = true
    }
    if (hasTried) found = await runCheck(check)
    for (const {repair, question: _, ...rest} of found)
      findings.push({check: check.name, ...rest, repairable: repair !== undefined})
  }
  return {findings, repaired}
}

const OWN: Readonly<Record<string, (context: DoctorContext) => Finding[] | Promise<Finding[]>>> = {
  installation: installationFindings,
  node: nodeFindings,
  settings: settingsFindings,
  plugins: pluginFindings,
  agents: agentFindings,
  home: homeFindings,
  completion: completionFindings,
}

/** A check that throws is a problem itself. */
async function runCheck(check: Check): Promise<readonly Finding[]> {
  try {
    return await check.run()
  } catch (error) {
    const hints = isFailure(error) ? error.hints : []
    return [{state: 'problem', message: `${check.name} could not be checked: ${messageOf(error)}`, hints}]
  }
}

async function attempt(repair: NonNullable<Finding['repair']>): Promise<string> {
  try {
    return await repair()
  } catch (error) {
    return `Could not be repaired: ${messageOf(error)}`
  }
}

/** The checks of plugins. Where one throws or hangs, the plugin is reported as a problem. */
async function pluginChecks(config: Config, env: DoctorContext['env']): Promise<Check[]> {
  const {answers, failures} = await runHook<unknown>(config, 'doctor', {env}, HOOK_TIMEOUT_MS)
  return [
    ...answers.flatMap(({answer, plugin}) => {
      if (!Array.isArray(answer)) return [broken(plugin, 'it did not return a list of checks')]
      return answer.map((check: unknown) =>
        isCheck(check) ? guarded(check, plugin) : broken(plugin, 'one of its checks has no `name` and `run`'),
      )
    }),
    ...failures.map(({message, plugin}) => broken(plugin, message)),
  ]
}

function guarded(check: Check, plugin: string): Check {
  const late = `the check of ${plugin} did not finish within ${CHECK_TIMEOUT_MS / 1000} s`
  return {
    name: oneLine(check.name),
    async run() {
      const findings: unknown = await withTimeout(CHECK_TIMEOUT_MS, check.run(), late)
      if (Array.isArray(findings) && findings.every((finding) => isFinding(finding))) return findings
      throw new Error(`the check of ${plugin} did not return a list of findings`)
    },
  }
}

function isCheck(check: unknown): check is Check {
  const {name, run} = Object(check) as Record<string, unknown>
  return typeof name === 'string' && typeof run === 'function'
}

function isFinding(finding: unknown): finding is Finding {
  const {hints = [], message, question = '', repair, state} = Object(finding) as Record<string, unknown>
  return (
    ['ok', 'warning', 'problem'].includes(state as string) &&
    Array.isArray(hints) &&
    [message, question, ...(hints as unknown[])].every((text) => typeof text === 'string') &&
    (repair === undefined || typeof repair === 'function')
  )
}

function broken(plugin: string, message: string): Check {
  return {name: plugin, run: () => [{state: 'problem', message: `${plugin} failed in its check: ${message}`}]}
}

const HOOK_TIMEOUT_MS = 5000
const CHECK_TIMEOUT_MS = 30_000
