import { type SessionFile } from '../store/session-file.js';
/** What a session is about, on one line: its name, title, first prompt or id. */
export declare function titleOf({ id, initial_prompt: prompt, name, title, }: Pick<SessionFile, 'id' | 'initial_prompt' | 'name' | 'title'>): string;
/** The title of a new session: the beginning of its first prompt. */
export declare function titleFrom(prompt: string): string;
/** The short ids of the rows of a list: longer only where two of them would be the same. */
export declare function shortIds(sessions: readonly Pick<SessionFile, 'id'>[]): string[];
/** Throws a Failure for a name that could be confused with an id or a reference. */
export declare function checkName(name: string): void;
/** Throws a Failure for a tag that is empty or could not be typed again. */
export declare function checkTag(tag: string): void;
/** A text as a YAML value on one line: plain where that means the text itself, else in double quotes. */
export declare function yamlScalar(text: string): string;
