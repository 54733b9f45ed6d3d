import type {Check, Finding} from 'clinvk-kit/hooks/doctor'
import {isFailure, messageOf} from 'clinvk-kit/errors/failure'
import type {TurnResult} from 'clinvk-kit/turn/result'

/** A finding as it is reported. */
export interface Examined extends Omit<Finding, 'repair'> {
  readonly check: string
  /** `clinvk doctor --fix` can repair it. */
  readonly repairable: boolean
}

export interface Examination {
  readonly findings: readonly Examined[]
  /** What `--fix` did, a sentence each. */
  readonly repaired: readonly string[]
  /** With `--live`: the turn. */
  readonly turn?: TurnResult
}

/** Runs the checks. `fix` repairs what can be repaired, and checks again. A check that throws is a problem itself. */
export async function examine(checks: readonly Check[], fix: boolean): Promise<Examination> {
  const findings: Examined[] = []
  const repaired: string[] = []
  for (const check of checks) {
    let found = await runCheck(check)
    if (fix && found.some(({repair}) => repair)) {
      for (const {repair} of found) if (repair) repaired.push(await attempt(repair))
      found = await runCheck(check)
    }

    findings.push(
      ...found.map(({repair, ...rest}) => ({check: check.name, ...rest, repairable: repair !== undefined})),
    )
  }

  return {findings, repaired}
}

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
