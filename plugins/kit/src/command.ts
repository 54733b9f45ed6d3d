import {Command} from '@oclif/core/command'
import type {Interfaces} from '@oclif/core'
import type {PromptCall} from './flags.js'
import {type IO, ProcessIO} from './io.js'

/** What all commands of clinvk extend. The number that `run` returns is the exit code; nothing means 0. */
export abstract class ClinvkCommand extends Command {
  readonly io: IO = ioOf(this.config)

  /** Errors are reported by `main`; oclif's own version also sets `process.exitCode`. */
  protected override catch(error: Error): Promise<never> {
    throw error
  }

  /** Writes to standard output. */
  protected print(text: string): void {
    this.io.stdout.write(text)
  }

  protected printJson(value: unknown): void {
    this.print(`${JSON.stringify(value, undefined, 2)}\n`)
  }

  /** Tells the user something that is not part of the answer. */
  protected note(message: string): void {
    this.io.stderr.write(`Note: ${message}\n`)
  }

  /** Of a list that is empty: says so where that is because no backend has the name of `--backend`. */
  protected async noteUnknownBackend(name: string | undefined): Promise<void> {
    if (name === undefined) return
    const {backendsOf, unknownBackend} = await import('./backends/discover.js')
    const {backends} = await backendsOf(this.config)
    if (!backends.has(name)) this.note(unknownBackend(name, backends).message)
  }
}

/** A command with the flags of a turn. */
export abstract class TurnCommand extends ClinvkCommand {
  protected override async parse<
    F extends Interfaces.OutputFlags<F>,
    B extends Interfaces.OutputFlags<B>,
    A extends Interfaces.OutputArgs<A>,
  >(options?: Interfaces.Input<F, B, A>, argv = this.argv): Promise<Interfaces.ParserOutput<F, B, A>> {
    const {extra, rest} = takeExtra(argv, options?.flags ?? {})
    const parsed = await super.parse(options, rest)
    return {...parsed, flags: {...parsed.flags, extra}}
  }

  /** Runs one prompt as `clinvk prompt` does, and returns the exit code. For commands that cannot import clinvk. */
  protected runPrompt(call: PromptCall): Promise<number> {
    return (this.config as unknown as PromptRunner).runPrompt(call)
  }
}

/** What `main` makes of oclif's Config. */
export interface PromptRunner {
  runPrompt(call: PromptCall): Promise<number>
}

/** The IO that `main` was given. Without `main`, as in oclif's own test tools, that of the process. */
export function ioOf(config: Interfaces.Config): IO {
  return (config as {io?: IO}).io ?? new ProcessIO()
}

/**
 * Takes the values of `--extra` out of the words of a command line: oclif refuses one that is also the name of a
 * flag here, and `--extra=-c` is meant for the agent. An `--extra` before one of `flags`, or before nothing, is
 * left, and oclif says that its value is missing.
 */
function takeExtra(
  argv: readonly string[],
  flags: Readonly<Record<string, {char?: string}>>,
): {extra: string[]; rest: string[]} {
  const known = new Set(
    Object.entries(flags).flatMap(([name, {char}]) => [
      `--${name}`,
      `--no-${name}`,
      ...(char ? [`-${char}`] : []),
    ]),
  )
  const isFlag = (word: string) => word === '--' || known.has(word)
  const extra: string[] = []
  const rest: string[] = []
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index]!
    const next = argv[index + 1]
    if (word === '--') return {extra, rest: [...rest, ...argv.slice(index)]}
    if (word.startsWith('--extra=')) extra.push(word.slice('--extra='.length))
    else if (word === '--extra' && next !== undefined && !isFlag(next)) {
      extra.push(next)
      index++
    } else rest.push(word)
  }

  return {extra, rest}
}
