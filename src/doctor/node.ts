import type {Check} from 'clinvk-kit/hooks/doctor'
import type {DoctorContext} from './context.js'

/** Whether this Node is one that clinvk is made for. */
export function nodeCheck({config}: DoctorContext): Check {
  const {node} = process.versions
  const needed =
    /\d+(\.\d+)*/.exec((config.pjson.engines as {node?: string} | undefined)?.node ?? '')?.[0] ?? '0'
  return {
    name: 'node',
    run: () =>
      isOlder(node, needed)
        ? [
            {
              state: 'problem',
              message: `Node ${node} is too old: clinvk needs ${needed} or later.`,
              hints: ['Get it from https://nodejs.org, or with your version manager.'],
            },
          ]
        : [{state: 'ok', message: `Node ${node}`}],
  }
}

/** Compares numbers part by part. */
export function isOlder(version: string, than: string): boolean {
  const [left, right] = [version, than].map((text) =>
    text.split('.').map((part) => Number.parseInt(part, 10) || 0),
  )
  for (const [index, part] of right!.entries()) {
    const difference = (left![index] ?? 0) - part
    if (difference !== 0) return difference < 0
  }

  return false
}
