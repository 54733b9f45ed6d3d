import { type SessionFile } from './session-file.js';
export type Status = 'active' | 'completed' | 'paused' | 'error';
export declare const STATUSES: readonly Status[];
/** The state of a session; the first that fits: closed, running, interrupted, failed, else ready to go on. */
export declare function statusOf(session: SessionFile): Status;
/** Whether a turn of it runs now: clinvk's process lives, or an agent that has outlived it. */
export declare function isRunning({ running }: SessionFile): boolean;
/** Whether the agent can be asked to go on. */
export declare function isResumable({ backend_session_id: id }: SessionFile): boolean;
/** Throws a Failure when the agent has no conversation that could be continued. */
export declare function checkResumable(session: SessionFile): void;
/** Throws a Failure while a turn of the session runs; `hint` says what follows from that. */
export declare function refuseRunning(session: SessionFile, hint: string): void;
