import type {Interfaces} from '@oclif/core'
import {backendsOf} from '../backends/discover.js'
import type {Descriptor} from 'clinvk-contract'

/** What is installed, as far as settings speak of it. */
export interface Installed {
  readonly backends: ReadonlyMap<string, {readonly descriptor: Pick<Descriptor, 'options' | 'capabilities'>}>
  /** Package names. */
  readonly plugins: Iterable<string>
}

export function installedIn(config: Interfaces.Config): Installed {
  return {backends: backendsOf(config).backends, plugins: config.plugins.keys()}
}
