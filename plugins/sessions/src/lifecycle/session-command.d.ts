import { ClinvkCommand } from 'clinvk-kit/command';
import type { Settings } from 'clinvk-kit/settings/settings';
import type { SessionTold } from 'clinvk-kit/turn/hooks';
import type { SessionFile } from '../store/session-file.js';
import { SessionStore } from '../store/store.js';
/** What the commands about sessions share. */
export declare abstract class SessionCommand extends ClinvkCommand {
    protected readonly store: SessionStore;
    /** The session that the user means. */
    protected resolve(reference: string): SessionFile;
    /** All sessions that the user means, each once: a wrong reference throws before the first one is changed. */
    protected resolveAll(references: readonly unknown[]): SessionFile[];
    protected settings(): Promise<Settings['session']>;
    /** Tells plugins what has happened to a session. */
    protected announce(event: SessionTold['event'], session: SessionFile): Promise<void>;
}
export declare const sessionArg: import("@oclif/core/interfaces").Arg<string, Record<string, unknown>>;
export declare const sessionsArg: import("@oclif/core/interfaces").Arg<string, Record<string, unknown>>;
export declare const jsonFlag: import("@oclif/core/interfaces").BooleanFlag<boolean>;
