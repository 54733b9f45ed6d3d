import { type SessionFile } from '../store/session-file.js';
import type { SessionStore } from '../store/store.js';
/**
 * The session that a user means; first hit wins: exact id, exact name, unique
 * prefix of the id (at least 4 digits), `@last`, `@last:<backend>`. Throws a
 * Failure of kind `session`.
 */
export declare function resolveSession(reference: string, store: SessionStore): SessionFile;
/** What to type to get one particular session. */
export declare function resumeCommand(session: Pick<SessionFile, 'id'>): string;
