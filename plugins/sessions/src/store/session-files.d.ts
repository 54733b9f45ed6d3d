import { type Stats } from 'node:fs';
import { type PreparedFile } from 'clinvk-kit/files/replace-file';
import { type SessionFile } from './session-file.js';
/** The directory of session files: their ids and contents, and whether they have changed. */
export declare class SessionFiles {
    #private;
    readonly directory: string;
    /** `scratch` is for temporary files, which would change the time of the directory. */
    constructor(directory: string, scratch: string);
    path(id: string): string;
    /** Ids of all session files, in no order. */
    ids(): string[];
    /** Undefined when there is no file. */
    read(id: string): SessionFile | Unreadable | undefined;
    /** Tells one content of a file from another; undefined when there is no file. */
    stamp(id: string): string | undefined;
    /** Writes a session to a temporary file that can take the place of the old one. */
    prepare(session: SessionFile): Promise<PreparedFile>;
    remove(id: string): undefined;
    /** When a name in the directory last changed, in nanoseconds; undefined when there is no directory. */
    changed(): string | undefined;
    /**
     * Gives the directory a time that no other change can have: the clock of the
     * system stands still for milliseconds, so its times do not tell two changes
     * apart. Undefined where times are too coarse, may not be set, or were changed
     * by another program at once.
     */
    markUnchanged(): string | undefined;
    /** Paths of the temporary files of processes that were killed. */
    abandoned(): string[];
}
/** Why a file is skipped: it is not a session, or one of a later version of clinvk, or the system does not let us read it. */
export type Unreadable = 'unreadable' | 'newer' | 'inaccessible';
/** Ids are file names: hexadecimal digits only, 16 in old files of the reference program. */
export declare function isId(text: string): boolean;
/** With the number of the file, since two of the same size may have the same time. */
export declare function stampOf({ ino, mtimeMs, size }: Stats): string;
