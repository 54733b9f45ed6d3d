import type {PromptCall, PromptRequest, RunningTurn, RunRequest} from 'clinvk-kit/for-plugins/kit'
import {isFailure, outcomeOf} from 'clinvk-kit/errors/failure'
import type {TurnResult} from 'clinvk-kit/turn/result'

/** What the hooks of clinvk answer, with turns that do what a test says. */
export class FakeClinvk {
  /** What was asked of the kit, in order. */
  readonly asked: PromptRequest[] = []
  readonly runs: RunRequest[] = []
  /** Answers a prompt; it may wait for the test. */
  answer: (request: PromptRequest, call: PromptCall) => Promise<Partial<TurnResult>> | Partial<TurnResult> =
    () => ({})
  settings: object = {}
  backends = new Map<string, object>([
    ['echo', {name: 'echo', descriptor: {capabilities: {sandbox: ['read-only', 'workspace', 'full']}}}],
  ])
  stored: Record<string, unknown>[] = []

  readonly kit = {
    version: 1,
    clinvk: '0.1.0',
    home: '/nowhere',
    lookAround: () =>
      Promise.resolve({
        settings: {
          default_backend: 'echo',
          unified_flags: {approval_mode: 'default', sandbox_mode: 'default'},
          backends: {},
          parallel: {max_workers: 3},
          ...this.settings,
        },
        backends: this.backends,
        notes: [],
      }),
    prompt: async (request: PromptRequest, call: PromptCall): Promise<TurnResult> => {
      this.asked.push(request)
      const {output} = call
      output.start({backend: 'echo', sessionId: 's1'})
      const answered = await this.answer(request, call)
      const result: TurnResult = {
        session_id: 's1',
        backend: 'echo',
        content: request.prompt,
        outcome: 'success',
        exit_code: 0,
        duration_seconds: 0,
        denials: [],
        ...(call.stop.aborted ? CANCELLED : {}),
        ...answered,
      }
      await output.done(result)
      return result
    },
    run: (request: RunRequest) => {
      this.runs.push(request)
      return Promise.resolve({run_id: '0'.repeat(32)})
    },
    runs: {
      list: () => [],
      show: (reference: string) => ({run_id: reference}),
      cancel: (reference: string) => Promise.resolve({run_id: reference}),
    },
    turns: (): RunningTurn[] => [],
    failed: (error: unknown): TurnResult => {
      if (!isFailure(error)) throw error
      const {code, hints, kind, message} = error
      return {
        content: '',
        outcome: outcomeOf(kind),
        error: {kind, code, message, hints},
        exit_code: 1,
        duration_seconds: 0,
        denials: [],
      }
    },
  }

  readonly sessions = {
    version: 1,
    list: () => Promise.resolve({sessions: this.stored, total: this.stored.length}),
    show: (reference: string) => {
      const found = this.stored.find(({id}) => String(id).startsWith(reference))
      return found
        ? Promise.resolve(found)
        : Promise.reject(Object.assign(new Error(`No session ${reference}.`), {kind: 'session', hints: []}))
    },
  }

  readonly history = {version: 1}
}

const CANCELLED = {
  outcome: 'cancelled',
  error: {kind: 'cancelled', message: 'Cancelled.'},
  exit_code: 143,
} as const
