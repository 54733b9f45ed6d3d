import type {Config} from '@oclif/core'
import {Failure, exitCode} from 'clinvk-kit/errors/failure'
import type {IO} from 'clinvk-kit/io'
import type {Progress} from '../main.js'
import {reportError} from '../errors/report-error.js'

/**
 * Watches for an end that nobody has asked for: something waits for what never
 * comes, and Node has nothing left to do; or a plugin has called process.exit in
 * the middle of a command of ours. Without this, Node would say nothing, or speak
 * of `await`. Errors that `isKnown` have been
 * dealt with. Returns what is called when everything is done.
 */
export function watchEnd(
  argv: readonly string[],
  io: IO,
  progress: Progress,
  isKnown: (error: Error) => boolean,
): () => void {
  let waits = false
  // Nothing is left to do, and yet we are not done. process.exit comes without this.
  const onIdle = () => {
    waits = true
  }

  const onExit = () => {
    const {command = '', config} = progress
    // A command of a plugin may well end the process itself.
    if (!waits && config?.findCommand(command.replace(' ', ':'))?.pluginType !== 'core') return
    process.exitCode = exitCode('unavailable')
    reportError(endedEarly(waits, config), {argv, command, io, output: config?.output})
  }

  // Thrown where nobody waits for it. Of a plugin: clinvk goes on. Of ours: as Node would, but in the format asked for.
  const onStray = async (error: Error) => {
    if (isKnown(error)) return
    const {strayError} = await import('./stray-error.js')
    const {command, config} = progress
    const sentence = strayError(error, config)
    if (sentence !== undefined) {
      io.stderr.write(`Note: ${sentence}\n`)
      return
    }

    process.exitCode = reportError(error, {argv, command, io, output: config?.output})
    process.off('exit', onExit)
    process.exit()
  }

  process.on('uncaughtException', (error) => void onStray(error))
  process.once('beforeExit', onIdle)
  process.once('exit', onExit)
  return () => {
    process.off('beforeExit', onIdle)
    process.off('exit', onExit)
  }
}

function endedEarly(waits: boolean, config: Config | undefined): Failure {
  const names = config?.getPluginsList().flatMap(({name, type}) => (type === 'core' ? [] : [name])) ?? []
  return new Failure(
    'unavailable',
    waits
      ? 'clinvk exited unexpectedly: a promise never settled.'
      : 'clinvk exited unexpectedly: something called process.exit.',
    [
      names.length === 0
        ? 'This is a bug of clinvk. Please report it: npm bugs clinvk'
        : `It is most likely one of your plugins: ${names.join(', ')}`,
      'Without them: CLINVK_NO_PLUGINS=1 clinvk …',
    ],
  )
}
