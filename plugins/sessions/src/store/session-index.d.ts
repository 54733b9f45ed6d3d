import type { Lock, LockFile } from 'clinvk-kit/process/lock-file';
import { type IndexEntry } from './index-entry.js';
import { type Checkpoint } from './index-file.js';
import type { SessionFile } from './session-file.js';
import type { SessionFiles } from './session-files.js';
/**
 * Finds sessions without reading every file. It is a cache that may be deleted at
 * any time: what it finds is looked up in the files. It is current while its
 * checkpoint has the time of the directory, which every change of another program
 * moves, and a crash during one of ours; otherwise the next reader rebuilds it.
 * Where it cannot be written, only speed is lost.
 */
export declare class SessionIndex {
    #private;
    constructor(files: SessionFiles, path: string, lock: LockFile);
    /** The checkpoint of a large store, if the index is current. */
    current(): Checkpoint | undefined;
    /** All sessions, in no order, and the ids of foreign files. */
    all(): Contents;
    /** Entries, the last used first. With `part` at least those whose line contains it. */
    newest(part?: string): Generator<IndexEntry>;
    /** Ids of the sessions that have, or had, this name. */
    named(name: string): string[];
    /** Ids that begin so. Where the index has none, the names of the files are read. */
    startingWith(prefix: string): string[];
    /**
     * Runs a change of one file, under the lock, and records it. `apply` returns
     * the new entry of the session, nothing when it was deleted.
     */
    change(id: string, before: SessionFile | undefined, apply: () => IndexEntry | undefined): void;
    /** Rebuilds it from the files alone. Throws what keeps it from being written. */
    renew(lock: Lock): void;
}
export interface Contents {
    readonly entries: IndexEntry[];
    readonly foreign: readonly string[];
}
