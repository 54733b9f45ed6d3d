/**
 * Milliseconds of an age as users type it: `30d`, `12h`, `45m`, `2w`; a bare
 * number is days. Throws a Failure that names `flag` when it is none, or 0.
 */
export declare function parseAge(text: string, flag: string): number;
/** The time that `--since` means: so long ago, or a date (ISO 8601; without a zone in local time). */
export declare function parseTime(text: string, flag: string): Date;
