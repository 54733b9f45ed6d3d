import type { Config } from '@oclif/core';
import type { SessionTold } from 'clinvk-kit/turn/hooks';
import type { SessionFile } from '../store/session-file.js';
/** Tells plugins what has happened to a session. */
export declare function announce(config: Config, event: SessionTold['event'], { backend, id, working_dir: workingDir }: SessionFile, note: (message: string) => void): Promise<void>;
