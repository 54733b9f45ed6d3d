import type { IndexEntry } from './index-entry.js';
import type { Tokens } from './usage.js';
/**
 * The index on disk: a line of JSON for each change of a session, the newest
 * last, and a checkpoint after each. The last line about a session counts.
 */
export type Line = (IndexEntry & {
    readonly late?: boolean;
}) | Deletion | Checkpoint;
export interface Deletion {
    readonly id: string;
    readonly deleted: true;
}
/** The state of the index after the lines before it. */
export interface Checkpoint {
    /** The time of the directory of sessions, in nanoseconds: the index is current until that changes. */
    readonly changed: string;
    /** Bytes before this line. */
    readonly at: number;
    readonly lines: number;
    readonly sessions: number;
    readonly tokens: Tokens;
    /** The latest use of any session. */
    readonly latest: number;
    /** When every file was last looked at, in milliseconds since 1970. */
    readonly checked: number;
    /** Ids of files that are not sessions of this version. */
    readonly foreign: readonly string[];
}
export declare function lineOf(line: Line): string;
/** What the lines of entries contain that have this value. */
export declare function partOf(field: keyof IndexEntry, value: string): string;
/**
 * Lines that contain `part`, from the last one back, and the bytes before each.
 * Most readers need the end of the file only. There are none where it cannot be read.
 */
export declare function linesFromEnd(path: string, part?: string): Generator<{
    line: Line | undefined;
    start: number;
}>;
