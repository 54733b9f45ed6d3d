import {execFileSync} from 'node:child_process'
import {join} from 'node:path'
import {setUpWorktree} from '../../plugins/kit/src/worktree/set-up.js'
import {makeWorktree, type Worktree} from '../../plugins/kit/src/worktree/make.js'
import {findRepository} from '../../plugins/kit/src/worktree/repository.js'
import {CliUser} from './cli-user.js'

/** A user with a git repository in the project, and worktrees of it. */
export class RepositoryUser extends CliUser {
  notices: string[] = []

  protected override setUp(): void {
    super.setUp()
    this.notices = []
    this.write(
      '.gitconfig',
      '[user]\nname = a\nemail = a@localhost\n[init]\ndefaultBranch = main\n[protocol "file"]\nallow = always\n',
    )
    this.git('init --quiet')
    this.commit('a.txt', 'one\ntwo\nthree\n')
  }

  /** Runs git with these words, separated by blanks; gives back what it prints. */
  git(words: string, cwd = this.project): string {
    return execFileSync('git', words.split(' '), {cwd, env: this.env, encoding: 'utf8', stdio: 'pipe'}).trim()
  }

  /** Writes a file and commits it. */
  commit(name: string, content: string, cwd = this.project): void {
    this.write(join(cwd, name).slice(this.home.length + 1), content)
    this.git(`add --force ${name}`, cwd)
    this.git('commit --quiet -m x', cwd)
  }

  async tree({
    base,
    dirty = false,
    from = this.project,
    label = 'review',
    root,
    setup,
    stop = new AbortController().signal,
  }: TreeOptions = {}): Promise<Worktree> {
    const {env} = this
    const repository = await findRepository(from, env, base)
    const tree = await makeWorktree(repository, {env, label, root, run: '3616f072'.repeat(4)})
    const notice = (message: string) => this.notices.push(message)
    const log = join(this.home, 'setup.log')
    return setUpWorktree(tree, {env, top: repository.top, copiesChanges: dirty, setup, log, notice, stop})
  }
}

interface TreeOptions {
  readonly base?: string
  readonly dirty?: boolean
  readonly from?: string
  readonly label?: string
  readonly root?: string
  readonly setup?: string
  readonly stop?: AbortSignal
}
