import { type IndexEntry } from './index-entry.js';
import type { Status } from './status.js';
export interface SessionFilter {
    readonly backend?: string;
    /** A real path. */
    readonly directory?: string;
    readonly resumable?: boolean;
    /** Used at or after this time. */
    readonly since?: Date;
    /** Last used before this time. */
    readonly before?: Date;
    readonly status?: Status | 'running';
    /** All of them. */
    readonly tags?: readonly string[];
    /** The beginning of the id of a run. */
    readonly run?: string;
}
/** Whether an entry passes the filter. `statesOf` is asked only where the filter has a status. */
export declare function matches(entry: IndexEntry, { backend, before, directory, resumable, run, since, status, tags }: SessionFilter, statesOf: (entry: IndexEntry) => readonly string[]): boolean;
export declare function isEmptyFilter({ resumable, tags, ...others }: SessionFilter): boolean;
export declare const SORT_KEYS: readonly ["used", "created", "tokens", "backend"];
export type SortKey = (typeof SORT_KEYS)[number];
export declare const ORDERS: Record<SortKey, (a: IndexEntry, b: IndexEntry) => number>;
