import type {Shell} from '../shells.js'
import type {Place} from './places.js'
import type {Change} from './set-up.js'

/** What was done, and what to do now. */
export function installed(shell: Shell, {now}: Place, changes: readonly Change[]): string {
  const isNew = changes.some(({done}) => done !== 'unchanged')
  return lines([
    ...changes.map((change) => sentence(change)),
    isNew
      ? `Completion works in new terminals. In this one: ${now}`
      : `Completion for ${shell} was set up already.`,
    ...(isNew ? [`To undo it: clinvk completion ${shell} --uninstall`] : []),
  ])
}

export function uninstalled(shell: Shell, changes: readonly Change[]): string {
  if (changes.length === 0) return `Completion for ${shell} was not set up: nothing was changed.\n`
  return lines([
    ...changes.map((change) => sentence(change)),
    'Terminals that are open keep it until they end.',
  ])
}

function sentence({done, path}: Change): string {
  switch (done) {
    case 'written':
      return `Wrote ${path}`
    case 'lines added':
      return `Wrote the lines that load it into ${path}`
    case 'lines removed':
      return `Took the lines of clinvk out of ${path}`
    case 'removed':
      return `Removed ${path}`
    case 'unchanged':
      return `${path} is as it should be`
  }
}

function lines(sentences: readonly string[]): string {
  return sentences.map((text) => `${text}\n`).join('')
}
