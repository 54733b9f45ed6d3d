import type { SessionFile } from './session-file.js';
import { type Status } from './status.js';
import { type Tokens } from './usage.js';
/** What the index has of a session: enough to find it, to sort and to add up. What is shown comes from its file. */
export interface IndexEntry {
    readonly id: string;
    /** Tells this content of the file from all others. */
    readonly stamp: string;
    /** Last use and creation, in milliseconds since 1970. */
    readonly used: number;
    readonly created: number;
    readonly backend: string;
    /** Where `running` is set, it depends on whether that process is alive. */
    readonly status: Status;
    readonly running?: boolean;
    readonly resumable: boolean;
    /** The real path of the working directory. */
    readonly dir?: string;
    readonly name?: string;
    readonly tags?: readonly string[];
    readonly tokens?: Tokens;
    /** The id of the run that it belongs to. */
    readonly run?: string;
}
/** `realPaths` remembers those of directories that were looked up before. */
export declare function indexEntry(session: SessionFile, stamp: string, realPaths?: Map<string, string>): IndexEntry;
/** The last used first; by id where several were used at the same time. */
export declare function newestFirst(a: IndexEntry, b: IndexEntry): number;
