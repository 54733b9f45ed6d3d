import { type LockHolder } from 'clinvk-kit/process/lock-file';
import { type SessionFilter, type SortKey } from './filter.js';
import { type IndexEntry } from './index-entry.js';
import { type SessionFile } from './session-file.js';
import { type Tokens } from './usage.js';
/**
 * The sessions of a user, a JSON file each. A write replaces the whole file, so a
 * crash leaves the old or the new one; a lock lets one process at a time change
 * what it has read, so no change is lost. An index finds sessions quickly.
 */
export declare class SessionStore {
    #private;
    constructor(env: Readonly<Record<string, string | undefined>>);
    /** The session with exactly this id, if there is one. Throws a Failure when its file cannot be understood. */
    get(id: string): SessionFile | undefined;
    /** The sessions with these ids that can be read. */
    readAll(ids: readonly string[]): SessionFile[];
    /** The session with exactly this name. */
    named(name: string): SessionFile | undefined;
    /** The sessions whose id begins so, the last used first. */
    startingWith(prefix: string): SessionFile[];
    /** The last used session that passes the filter. */
    newest(filter: SessionFilter): SessionFile | undefined;
    /** The sessions that pass the filter, and their sums. */
    list(filter?: SessionFilter, { limit, sort }?: ListOptions): SessionList;
    /** What the index has of all sessions, the last used first. */
    entries(): Iterable<IndexEntry>;
    /** Writes a new session. Rejects with a Failure when its name is taken. */
    create(session: SessionFile): Promise<void>;
    /** Changes what is in the file now, and returns it. Rejects when the session is gone, or with what `change` throws. */
    update(id: string, change: (session: SessionFile) => void): Promise<SessionFile>;
    /** Deletes a session if it exists and `mayDelete` still holds. Tells whether it did. */
    delete(id: string, mayDelete: (session: SessionFile) => boolean): Promise<boolean>;
    /** Rebuilds the index and removes abandoned files. Rejects with what keeps the store from being changed. */
    renewIndex(): Promise<void>;
    /** The process that changes the store now, or blocks others from changing it. */
    holder(): LockHolder | undefined;
    /** Paths of the temporary files of processes that died. */
    abandoned(): string[];
}
export interface ListOptions {
    /** 0 means all. */
    readonly limit?: number;
    readonly sort?: SortKey;
}
export interface SessionList {
    readonly sessions: SessionFile[];
    /** How many pass the filter, before the limit. */
    readonly total: number;
    /** Of all that pass the filter; absent where none are to be shown. */
    readonly tokens?: Tokens;
    /** A sentence about each file that is no session of this version. */
    readonly skipped: readonly string[];
}
export declare function newSessionId(): string;
