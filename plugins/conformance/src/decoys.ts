import {join} from 'node:path'
import type {Descriptor} from 'clinvk-contract'

/** Conversations of others and settings, below every directory that a descriptor declares. */
export function decoys({directories = []}: Descriptor): Record<string, string> {
  const files: Record<string, string> = {}
  for (const directory of homeDirectories(directories)) {
    for (const [name, content] of Object.entries(FILES)) files[join(directory, name)] = content
  }

  return files
}

/** Declared directories as they are on the invented machine of the conformance kit. */
export function homeDirectories(declared: readonly string[]): string[] {
  return declared.map((path) =>
    path
      .replace('$UID', '1000')
      .replace(/^~(?=\/)/, '/home/ada')
      .replace(/^\$(\w+)/, (_whole, name: string) => `/home/ada/${name.toLowerCase()}`),
  )
}

const STRANGER = 'a7d2f1c4-88e0-4b6d-9c35-1e4f70b2d968'
const LINES = `{"type":"user","sessionId":"${STRANGER}","cwd":"/home/ada/project","timestamp":"2026-01-01T00:00:00.000Z"}\n`
const FILES: Readonly<Record<string, string>> = {
  'settings.json': '{}',
  'config.toml': '',
  'auth.json': '{"key":"secret"}',
  'history.jsonl': LINES,
  [`${STRANGER}.json`]: LINES,
  [`${STRANGER}/logs.jsonl`]: LINES,
  [`projects/-home-ada-project/${STRANGER}.jsonl`]: LINES,
  [`sessions/2026/01/01/rollout-2026-01-01T00-00-00-${STRANGER}.jsonl`]: LINES,
  [`project/chats/session-2026-01-01T00-00-${STRANGER.slice(0, 8)}.json`]: LINES,
  [`project/chats/session-2026-01-01T00-00-${STRANGER.slice(0, 8)}.jsonl`]: LINES,
  'project/.project_root': '/home/ada/project',
  'project/empty.jsonl': '',
  'project/broken.json': '{',
}
