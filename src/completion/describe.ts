import type {Interfaces} from '@oclif/core'
import {oneLine} from 'clinvk-kit/format/text'

/** The first line of a manifest's text; undefined where it cannot be shown as it is. */
export function describe(
  text: string | undefined,
  {bin}: Pick<Interfaces.Config, 'bin'>,
): string | undefined {
  const [first] = (text ?? '').replaceAll('<%= config.bin %>', bin).trim().split('\n')
  return first === undefined || first === '' || first.includes('<%') ? undefined : oneLine(first)
}
