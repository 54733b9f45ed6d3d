/** Seen with claude 2.1.197, codex 0.169.0, gemini 0.61.0, opencode 1.18.33. */
export const SCREENS: Record<string, Screens> = {
  claude: {ready: /\n❯\s*\n─+\n.*\? for shortcuts/, asksBeforeQuit: /Press Ctrl-C again to exit/},
  codex: {ready: /Ask Codex to do anything/},
  gemini: {
    ready: /Type your message/,
    asksBeforeQuit: /Press Ctrl\+C again to exit/,
    asksBeforeStop: /Press Ctrl\+Z again to suspend/,
  },
  opencode: {ready: /▣ [^\n]*\dm?s\n[^]*ctrl\+p commands/},
}

/** What the agent's program shows. */
export interface Screens {
  /** When it waits for a prompt. */
  readonly ready: RegExp
  /** After the first Ctrl-C, where it takes two. */
  readonly asksBeforeQuit?: RegExp
  /** After the first Ctrl-Z, where it takes two. */
  readonly asksBeforeStop?: RegExp
}
