import type { SessionFile } from '../store/session-file.js';
import { type Status } from '../store/status.js';
import type { SessionList } from '../store/store.js';
/** A session for scripts: the names of its file, and what follows from them. Times in UTC. */
export type SessionJson = Omit<SessionFile, 'running' | 'backend_state' | 'status'> & {
    status: Status;
    /** A turn of it runs now. */
    running: boolean;
    /** The agent can be asked to go on. */
    resumable: boolean;
    /** Input and output; absent when nothing is known. */
    total_tokens?: number;
};
export declare function sessionJson(session: SessionFile): SessionJson;
/** Sessions for scripts. `total` and the tokens are of all that fit, before the limit. */
export declare function listJson({ sessions, tokens, total }: SessionList): object;
/** For users who want no token usage (`session.store_token_usage: false`): what older turns stored is not shown either. */
export declare function withoutUsage(session: SessionFile): SessionFile;
