import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'

/** What of gemini's settings matters to a test. */
export interface GeminiSettings {
  /** Attempts at a model call, with 5 to 35 s between them; `default` is gemini's own number, 10. */
  readonly maxAttempts?: number | 'default'
  /** gemini's own clean-up of old sessions, on by default: it is what loses resumed sessions (0.61.0). */
  readonly cleanUp?: boolean
  /** Anything else, by its top-level key. */
  readonly more?: Readonly<Record<string, object>>
}

/** Writes the settings file of gemini in a test's home. */
export function writeGeminiSettings(
  home: string,
  {cleanUp, maxAttempts = 1, more}: GeminiSettings = {},
): void {
  const settings = {
    // Without a selected type and with a base URL, gemini says "Invalid auth method selected."
    security: {auth: {selectedType: 'gemini-api-key'}},
    privacy: {usageStatisticsEnabled: false},
    telemetry: {enabled: false},
    general: {
      enableAutoUpdate: false,
      enableAutoUpdateNotification: false,
      ...(maxAttempts === 'default' ? {} : {maxAttempts}),
      ...(cleanUp ? {} : {sessionRetention: {enabled: false}}),
    },
    ...more,
  }
  mkdirSync(join(home, '.gemini'), {recursive: true})
  writeFileSync(join(home, '.gemini/settings.json'), JSON.stringify(settings))
}

/**
 * The whole environment for running gemini against a model server, made from nothing, so that no setting and no
 * credential of this machine gets in. `home` is a directory of the test's own, `path` the value of PATH, with `node`.
 */
export function geminiEnv({
  url,
  home,
  path,
}: {
  url: string
  home: string
  path: string
}): Record<string, string> {
  return {
    PATH: path,
    HOME: home,
    TMPDIR: join(home, 'tmp'),
    LANG: 'C.UTF-8',
    TERM: 'dumb',
    GEMINI_API_KEY: 'invented-key-of-the-tests',
    GOOGLE_GEMINI_BASE_URL: url,
    GEMINI_TELEMETRY_ENABLED: 'false',
  }
}
