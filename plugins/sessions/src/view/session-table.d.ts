import type { SessionFile } from '../store/session-file.js';
import type { SessionList } from '../store/store.js';
/** Sessions for people, a line each, under the header of the guide. Cut to the terminal's width when there is one. */
export declare function sessionTable(sessions: readonly SessionFile[], now: Date, terminalWidth?: number): string;
/** What the list sums up to: `3 sessions, 6,912 tokens`. `isCut`: the user did not ask for fewer than there are. */
export declare function summary({ sessions, tokens, total }: SessionList, isCut: boolean): string;
