import {Failure} from 'clinvk-kit/errors/failure'

/** `NAME=value` as it is, `NAME` from the environment of this shell. Throws a Failure when it is not there. */
export function environmentOfWords(
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    words.map((word) => {
      const [, name, , value = env[name ?? '']] = /^([A-Za-z_]\w*)(=([^]*))?$/.exec(word) ?? []
      if (name === undefined)
        throw new Failure('usage', `--env ${word}: that is no variable.`, ['Give NAME=VALUE, or NAME alone.'])
      if (value === undefined)
        throw new Failure('usage', `--env ${name}: there is no such variable in this shell.`, [
          `Give it a value: --env ${name}=VALUE`,
        ])
      return [name, value]
    }),
  )
}
