import {once} from 'node:events'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {linkDirectory} from './link-plugin.js'
import {type Finished, jsonLines, ROOT, type Running, type Sandbox} from './sandbox.js'

/** What a client of a vendor's API got: an answer, or an error. */
export interface ClientAnswer {
  readonly text?: string
  readonly texts?: string[]
  readonly finish?: string
  readonly tokens?: number
  readonly ids?: string[]
  readonly id?: string
  readonly error?: string
  readonly status?: number
  readonly message?: string
}

export type Step = Readonly<Record<string, unknown>> & {readonly do: string}

/** Official clients, by the scripts in `test/agents/clients` that do what a test says. */
export const CLIENTS = {
  'openai for Node': [process.execPath, 'openai.mjs'],
  'openai for Python': ['.venv/bin/python', 'openai_steps.py'],
  'the AI SDK': [process.execPath, 'ai-sdk.mjs'],
  'anthropic for Node': [process.execPath, 'anthropic.mjs'],
  'anthropic for Python': ['.venv/bin/python', 'anthropic_steps.py'],
} as const

/** `clinvk serve` of a user, as a process; it ends with the user. */
export class Served {
  private constructor(
    readonly user: Sandbox,
    readonly url: string,
    readonly token: string,
    readonly running: Running,
  ) {}

  static async start(
    user: Sandbox,
    words: readonly string[] = [],
    env: Record<string, string> = {},
  ): Promise<Served> {
    linkDirectory(user, 'clinvk-plugin-serve', join(ROOT, 'plugins/serve'))
    const running = user.start(['serve', '--port', '0', ...words], {env})
    let printed = ''
    running.child.stdout!.on('data', (text: string) => (printed += text))
    await running.shows(/^clinvk serves .*\n/)
    const url = /http:\/\/\S+/.exec(printed)![0]
    const token =
      env.CLINVK_SERVE_TOKEN ??
      (words.includes('--no-token')
        ? 'none'
        : readFileSync(join(user.home, '.clinvk/serve/token'), 'utf8').trim())
    return new Served(user, url, token, running)
  }

  /** What a client got for each step. */
  async with(name: keyof typeof CLIENTS, ...steps: Step[]): Promise<ClientAnswer[]> {
    return clientAnswers(this.user, name, {url: this.url, apiKey: this.token, steps})
  }

  async stop(): Promise<void> {
    const {child} = this.running
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    await once(child, 'close')
  }
}

/** What an official client got for each step from the server at this address. */
export async function clientAnswers(
  user: Sandbox,
  name: keyof typeof CLIENTS,
  asked: {readonly url: string; readonly apiKey: string; readonly steps: readonly Step[]},
): Promise<ClientAnswer[]> {
  const [program, script] = CLIENTS[name]
  const folder = join(ROOT, 'test/agents/clients')
  const file = program.startsWith('/') ? program : join(folder, program)
  const stdin = JSON.stringify(asked)
  const finished: Finished = await user.run(file, [join(folder, script)], {stdin}).finished
  if (finished.code !== 0) throw new Error(finished.stderr)
  return jsonLines(finished)
}
