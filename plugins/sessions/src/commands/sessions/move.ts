import {existsSync} from 'node:fs'
import {basename, dirname, join, relative, resolve, sep} from 'node:path'
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {exitCode, Failure, isFailure} from 'clinvk-kit/errors/failure'
import {quoteCommand} from 'clinvk-kit/format/text'
import {realDirectory} from 'clinvk-kit/turn/resolve-options'
import {moveSession} from '../../lifecycle/move-session.js'
import {jsonFlag, SessionCommand} from '../../lifecycle/session-command.js'
import {LIST, resolveSession} from '../../resolve/resolve-session.js'
import {realPathOf} from 'clinvk-kit/files/read-file'
import {type SessionFile, shortId} from '../../store/session-file.js'
import {refuseRunning} from '../../lifecycle/refuse.js'

interface Move {
  readonly session: SessionFile
  readonly target: string
}

export default class SessionsMove extends SessionCommand {
  static override hiddenAliases = ['sessions:mv']
  static override summary = 'Move sessions to another directory.'
  static override description =
    'For a project that was renamed or moved. From then on the sessions continue in the new directory; what the agent needs for that is done, and its old record stays.'
  static override examples = [
    '<%= config.bin %> sessions move abc123 ~/new-name',
    '<%= config.bin %> sessions move --from ~/old-name --to ~/new-name',
  ]

  static override args = {
    id: Args.string({description: 'Id, name, beginning of an id, or @last.', ignoreStdin: true}),
    directory: Args.string({description: 'The directory that it moves to.', ignoreStdin: true}),
  }

  static completion = {args: {id: 'session'}}
  static override flags = {
    from: Flags.string({
      description: 'All sessions of this directory, which may be gone, and of those below it.',
      helpValue: 'OLD_DIR',
      dependsOn: ['to'],
    }),
    to: Flags.string({
      description: 'The directory that they move to.',
      helpValue: 'NEW_DIR',
      dependsOn: ['from'],
    }),
    'dry-run': Flags.boolean({description: 'Show what would be moved.'}),
    json: jsonFlag,
  }

  async run(): Promise<number> {
    const {args, flags} = await this.parse(SessionsMove)
    const moves = this.#moves({...args, ...flags})
    const isDry = flags['dry-run']
    const moved: object[] = []
    const skipped: object[] = []
    let code = 0
    for (const {session, target} of moves) {
      const {id, working_dir: from} = session
      try {
        const to = realDirectory(target)
        if (isDry) refuseRunning(session, 'It would not be moved.')
        else await moveSession(session, to, this.place)
        moved.push({id, from, to})
        if (!flags.json)
          this.print(`${isDry ? 'Would move' : 'Moved'} session ${shortId(session)} to ${to}\n`)
      } catch (error) {
        // Of many sessions the others are moved.
        if (!isFailure(error) || args.id !== undefined) throw error
        code ||= exitCode(error.kind)
        skipped.push({id, message: error.message})
        this.note(`Session ${shortId(session)} stays in ${from}. ${error.message}`)
      }
    }

    if (flags.json) this.printJson({dry_run: isDry || undefined, moved, skipped})
    return code
  }

  #moves({directory, from, id, to}: Partial<Record<'directory' | 'from' | 'id' | 'to', string>>): Move[] {
    if (from !== undefined && to !== undefined && id === undefined) return this.#movesOfProject(from, to)
    const isPath = id?.includes('/')
    if (id !== undefined && directory !== undefined && from === undefined && !isPath)
      return [{session: resolveSession(id, this.store), target: resolve(this.io.cwd, directory)}]
    const old = isPath ? [id!, directory ?? 'NEW_DIR'] : ['OLD_DIR', 'NEW_DIR']
    throw new Failure('usage', 'Say what to move: one session, or all of a directory.', [
      'One session: clinvk sessions move ID NEW_DIR',
      `All of a directory: ${quoteCommand(['clinvk', 'sessions', 'move', '--from', old[0]!, '--to', old[1]!])}`,
    ])
  }

  /** A session of a directory below goes to the directory of the same name below the new one. */
  #movesOfProject(from: string, to: string): Move[] {
    const {cwd} = this.io
    const [source, target] = [realPathOfGone(resolve(cwd, from)), realDirectory(resolve(cwd, to))]
    const moves = this.store
      .find(({dir}) => isIn(source, dir))
      .map((session) => {
        const below = relative(source, realPathOf(session.working_dir))
        return {session, target: join(target, below)}
      })
    if (moves.length > 0) return moves
    throw new Failure('session', `No session belongs to ${source} or to a directory below it.`, [LIST])
  }
}

function isIn(directory: string, path: string | undefined): boolean {
  return path !== undefined && (path === directory || path.startsWith(join(directory, sep)))
}

/** The real path that a directory had before it was renamed or deleted. */
function realPathOfGone(path: string): string {
  return existsSync(path) || dirname(path) === path
    ? realPathOf(path)
    : join(realPathOfGone(dirname(path)), basename(path))
}
