import {isForProjects, PROJECT_RULE} from './project-rules.js'

/** Takes out of a project's file what a project may set; the rest is named in one warning. */
export function siftProject(value: unknown, file: string): {kept: unknown; warnings: string[]} {
  const ignored: string[] = []
  const sift = (part: unknown, path: readonly string[]): unknown => {
    if (!isRecord(part) || isForProjects(path)) return part
    return Object.fromEntries(
      Object.entries(part).flatMap(([key, child]) => {
        const at = [...path, key]
        if (isForProjects(at) || isSection(at)) return [[key, sift(child, at)]]
        ignored.push(...leavesOf(child, at))
        return []
      }),
    )
  }

  const kept = sift(value, [])
  if (ignored.length === 0) return {kept, warnings: []}
  const names = ignored.slice(0, NAMED).join(', ')
  const others = ignored.length > NAMED ? ` and ${ignored.length - NAMED} more` : ''
  const verb = ignored.length === 1 ? 'is' : 'are'
  return {kept, warnings: [`${file}: ${names}${others} ${verb} ignored: ${PROJECT_RULE}.`]}
}

/** Whether something that a project may set stands below. */
function isSection(path: readonly string[]): boolean {
  const [section] = path
  return section === 'backends'
    ? path.length < 3
    : path.length === 1 && /^(?:session|unified_flags)$/.test(section!)
}

function leavesOf(value: unknown, path: readonly string[]): string[] {
  const entries = isRecord(value) ? Object.entries(value) : []
  return entries.length === 0
    ? [path.join('.')]
    : entries.flatMap(([key, child]) => leavesOf(child, [...path, key]))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** More than these tell nobody anything. */
const NAMED = 8
