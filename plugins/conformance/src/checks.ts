import type {Bench} from './bench.js'
import type {Check} from './check.js'
import {EVENT_CHECKS} from './checks/events.js'
import {ISOLATION_CHECKS} from './checks/isolation.js'
import {OPTIONAL_CHECKS} from './checks/optional.js'
import {OPTION_CHECKS} from './checks/options.js'
import {PACKAGE_CHECKS} from './checks/package.js'
import {PLAN_CHECKS} from './checks/plan.js'
import {PROMPT_CHECKS} from './checks/prompt.js'
import {READER_CHECKS} from './checks/reader.js'
import {REPLAY_CHECKS} from './checks/replay.js'
import {UNKNOWN_LINE_CHECKS} from './checks/unknown-lines.js'
import {USAGE_CHECKS} from './checks/usage.js'
import {VERDICT_CHECKS} from './checks/verdict.js'

/** Where the checks of a stage run: they follow one upon the other in the report. */
export type Stage = 'package' | 'code' | 'turns'

export const CHECKS_OF_PLANS: readonly Check<Bench>[] = [...PLAN_CHECKS, ...OPTION_CHECKS, ...PROMPT_CHECKS]

export const CHECKS_OF_READERS: readonly Check<Bench>[] = [
  ...EVENT_CHECKS,
  ...USAGE_CHECKS,
  ...UNKNOWN_LINE_CHECKS,
  ...READER_CHECKS,
  ...VERDICT_CHECKS,
]

/** Those that look at the code of a backend while a guard watches what it does. */
export const CODE_CHECKS: readonly Check<Bench>[] = [
  ...ISOLATION_CHECKS,
  ...CHECKS_OF_PLANS,
  ...CHECKS_OF_READERS,
  ...OPTIONAL_CHECKS,
]

/** All checks of the level `fixtures`, in the order of the report. */
export const CHECKS: readonly (Pick<Check<never>, 'id' | 'title' | 'fix'> & {readonly stage: Stage})[] = [
  ...PACKAGE_CHECKS.map((check) => ({...check, stage: 'package' as const})),
  ...CODE_CHECKS.map((check) => ({...check, stage: 'code' as const})),
  ...REPLAY_CHECKS.map((check) => ({...check, stage: 'turns' as const})),
]
