import type {Interfaces} from '@oclif/core'
import {backendsOf} from 'clinvk-kit/backends/discover'
import type {PackageJson} from './candidate.js'

/** What a plugin would stand in for, a phrase each: `the backend echo of clinvk-backend-echo 0.1.0`. */
export function replaced(pjson: PackageJson, config: Interfaces.Config): string[] {
  const {backends} = backendsOf(config)
  const there = config.plugins.get(pjson.name)
  return [
    ...(there === undefined
      ? []
      : [`${there.name} ${there.version}${there.type === 'core' ? ', which came with clinvk' : ''}`]),
    ...backendNames(pjson).flatMap((name) => {
      const entry = backends.get(name)
      return entry === undefined || entry.plugin === pjson.name
        ? []
        : [`the backend ${name} of ${entry.plugin} ${entry.pluginVersion}`]
    }),
  ]
}

/** The backends that a package says it brings. */
export function backendNames({clinvk}: PackageJson): string[] {
  const backends =
    typeof clinvk === 'object' && clinvk !== null && 'backends' in clinvk ? clinvk.backends : undefined
  return typeof backends === 'object' && backends !== null ? Object.keys(backends) : []
}
