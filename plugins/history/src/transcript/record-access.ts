import type {History} from 'clinvk-contract'
import {type AgentRecords, recordsOf} from 'clinvk-kit/turn/agent-records'

/** How the records of an agent are reached. */
export interface RecordAccess extends AgentRecords {
  readonly history: History
}

/** As `recordsOf`; undefined where the backend reads no records. */
export async function recordAccess(
  ...given: Parameters<typeof recordsOf>
): Promise<RecordAccess | undefined> {
  const records = await recordsOf(...given)
  const {history} = records.backend
  return history && {...records, history}
}
