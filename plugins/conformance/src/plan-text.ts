import type {Invocation} from 'clinvk-contract'

/** All that an agent is given, as one text, also as it reads within JSON. */
export function planText({args, env = {}, files = [], stdin}: Invocation): string {
  const parts = [...args, stdin, ...Object.values(env), ...files.map(({content}) => content)]
  return parts.join('\n')
}
