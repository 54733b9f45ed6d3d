import {sep} from 'node:path'
import type {Config} from '@oclif/core'
import {Failure, messageOf} from 'clinvk-kit/errors/failure'
import {realPathOf} from 'clinvk-kit/files/read-file'
import {oneLine} from 'clinvk-kit/format/text'
import type {IO} from 'clinvk-kit/io'
import {reportError} from '../errors/report-error.js'
import type {Progress} from '../main.js'

/**
 * Reports an end of the process before `main` has returned, which Node would not: a promise that never settles, or a
 * plugin that calls process.exit. Also reports errors that nothing catches, except those that `isKnown`. Returns what
 * is called when everything is done.
 */
export function watchEnd(
  argv: readonly string[],
  io: IO,
  progress: Progress,
  isKnown: (error: Error) => boolean,
): () => void {
  const report = (error: unknown) => {
    const {command, config} = progress
    process.exitCode = reportError(error, {argv, command, io, output: config?.output})
  }
  let isIdle = false
  // Nothing is left to do. A call of process.exit skips this event.
  const onIdle = () => {
    isIdle = true
  }
  const onExit = () => {
    const {command = '', config} = progress
    // A command of a plugin may call process.exit.
    if (isIdle || config?.findCommand(command.replaceAll(' ', ':'))?.pluginType === 'core')
      report(endedEarly(isIdle, config))
  }
  process.on('uncaughtException', (error) => {
    if (isKnown(error)) return
    const plugin = pluginOf(error, progress.config)
    if (plugin !== undefined) {
      const message = oneLine(messageOf(error))
      io.stderr.write(`Note: The plugin ${plugin} failed in the background: ${message}\n`)
      return
    }
    report(error)
    process.off('exit', onExit)
    process.exit()
  })
  process.once('beforeExit', onIdle)
  process.once('exit', onExit)
  return () => {
    process.off('beforeExit', onIdle)
    process.off('exit', onExit)
  }
}

function endedEarly(isIdle: boolean, config: Config | undefined): Failure {
  const names = config?.getPluginsList().flatMap(({name, type}) => (type === 'core' ? [] : [name])) ?? []
  const what = isIdle ? 'a promise never settled' : 'something called process.exit'
  return new Failure('unavailable', `clinvk exited unexpectedly: ${what}.`, [
    names.length === 0
      ? 'This is a bug of clinvk. Please report it: npm bugs clinvk'
      : `It is most likely one of your plugins: ${names.join(', ')}`,
    'Without them: CLINVK_NO_PLUGINS=1 clinvk …',
  ])
}

/** The user's plugin in which an error was thrown: the first line of the stack that names a file is in its directory. */
function pluginOf(error: unknown, config: Config | undefined): string | undefined {
  const stack = error instanceof Error ? String(error.stack) : ''
  const where = stack.split('\n').find((line) => /^\s+at .*[/\\]/.test(line) && !line.includes('(node:'))
  return config?.getPluginsList().find(({root, type}) => {
    // Node names files by their real paths.
    const places = [root, realPathOf(root)]
    return type !== 'core' && places.some((place) => where?.includes(place + sep))
  })?.name
}
