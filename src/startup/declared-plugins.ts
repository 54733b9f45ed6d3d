import type {Interfaces} from '@oclif/core'

/** The packages that a package depends on and declares as plugins, as oclif has it: names, or patterns with `*`. */
export function declaredPlugins({dependencies, oclif}: Interfaces.Plugin['pjson']): string[] {
  const patterns: unknown = oclif.plugins
  if (!Array.isArray(patterns)) return []
  const tests = patterns
    .filter((pattern) => typeof pattern === 'string')
    .map((pattern) =>
      RegExp(`^${pattern.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*')}$`),
    )
  return Object.keys(dependencies ?? {}).filter((name) => tests.some((test) => test.test(name)))
}
