import type { Usage } from 'clinvk-contract';
import type { SessionFile } from './session-file.js';
/** Input, output, cached, reasoning: as the index keeps them. */
export type Tokens = readonly [number, number, number, number];
/** The tokens of a session. Undefined when none are known. */
export declare function tokensOf({ token_usage: usage }: SessionFile): Tokens | undefined;
export declare function addTokens(sum: Tokens, tokens: Tokens | undefined, times?: 1 | -1): Tokens;
export declare function sumOf(entries: readonly {
    readonly tokens?: Tokens;
}[]): Tokens;
/** The other way round: only what is known, none of it is 0. */
export declare function usageOf(tokens: Tokens): SessionFile['token_usage'];
/** Input and output of all turns; cached tokens are part of the input. Undefined when unknown, which other programs write as 0. */
export declare function totalTokens({ token_usage: usage }: SessionFile): number | undefined;
/** Adds the tokens of a turn to those of its session. */
export declare function addUsage(session: SessionFile, usage: Usage | undefined): void;
