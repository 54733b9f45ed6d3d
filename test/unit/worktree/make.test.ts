import assert from 'node:assert/strict'
import {existsSync, lstatSync, readFileSync, renameSync, rmSync, symlinkSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {finishWorktree} from '../../../plugins/kit/src/worktree/finish.js'
import {lockWorktree, remakeWorktree} from '../../../plugins/kit/src/worktree/make.js'
import {findRepository} from '../../../plugins/kit/src/worktree/repository.js'
import {RepositoryUser} from '../../support/repository.js'

describe('a worktree of a task', () => {
  const user = new RepositoryUser().forEachTest()
  const read = (...path: string[]) => readFileSync(join(...path), 'utf8')

  it('lies outside of the repository, on a branch of its own, in the directory where the user stands', async () => {
    user.write('project/src/b.txt', 'new')
    const tree = await user.tree({from: join(user.project, 'src'), label: 'Review: auth/..//x.lock'})
    assert.match(tree.path, /\/\.clinvk\/worktrees\/project-[\da-f]{8}\/3616f072-Review-auth-.-x$/)
    assert.equal(tree.branch, 'clinvk/3616f072/Review-auth-.-x')
    assert.equal(tree.cwd, join(tree.path, 'src'))
    assert.equal(user.git('branch --show-current', tree.path), tree.branch)
    // No gitlink for `git add` to find, and nothing for a scan of the repository.
    assert.equal(user.git('status --porcelain --untracked-files=all'), '?? src/b.txt')
    await assert.rejects(user.tree({root: join(user.project, 'trees')}), /inside the repository/)
    const other = await user.tree({root: join(user.home, 'other')})
    assert.equal(dirname(dirname(other.path)), join(user.home, 'other'))
  })

  it('starts from the commit that the user sees, not from that of the remote, and stays there', async () => {
    user.git(`clone --quiet . ${user.home}/clone`)
    const from = join(user.home, 'clone')
    user.commit('here.txt', 'here', from)
    const head = user.git('rev-parse HEAD', from)
    const tree = await user.tree({from})
    user.commit('later.txt', 'later', from)
    assert.equal(tree.base, head)
    assert.equal(user.git('rev-parse HEAD', tree.path), head)
    const older = await user.tree({from, base: 'origin/main'})
    assert.equal(existsSync(join(older.path, 'here.txt')), false)
    await assert.rejects(user.tree({base: 'nowhere'}), /There is no commit nowhere/)
    await assert.rejects(user.tree({base: '--all'}), /There is no commit --all/)
  })

  it('is made beside seven others at once from a remote branch, without a line in the config', async () => {
    user.git(`clone --quiet . ${user.home}/clone`)
    const from = join(user.home, 'clone')
    const config = read(from, '.git/config')
    const made = Array.from({length: 8}, () => user.tree({from, base: 'origin/HEAD', label: 'same'}))
    const trees = await Promise.all(made)
    assert.equal(new Set(trees.map(({path}) => path)).size, 8)
    assert.equal(new Set(trees.map(({branch}) => branch)).size, 8)
    assert.equal(read(from, '.git/config'), config)
  })

  it('never takes a branch or a directory that is there', async () => {
    user.git('branch clinvk/3616f072/review')
    const {branch, path} = await user.tree()
    assert.equal(branch, 'clinvk/3616f072/review-2')
    rmSync(path, {recursive: true})
    assert.equal((await user.tree()).branch, 'clinvk/3616f072/review-3')
    user.git('branch clinvk-x')
    user.git(`clone --quiet . ${user.home}/clone`)
    user.git('branch clinvk', join(user.home, 'clone'))
    await assert.rejects(
      user.tree({from: join(user.home, 'clone')}),
      /cannot be made: git worktree failed: .*clinvk/,
    )
  })

  it('leaves nothing behind where git fails', async () => {
    // As where the disk is full in the middle.
    user.commit('.gitattributes', '*.big filter=full\n')
    user.commit('a.big', 'x')
    user.git('config filter.full.clean cat')
    user.git('config filter.full.smudge false')
    user.git('config filter.full.required true')
    await assert.rejects(user.tree(), {kind: 'usage', message: /cannot be made/})
    assert.equal(user.git('branch --list clinvk/*'), '')
    assert.equal(user.git('worktree list').split('\n').length, 1)
    assert.equal(existsSync(join(user.home, '.clinvk/worktrees/project')), false)
  })

  it('needs git, a work tree and a commit; a bare repository will do', async () => {
    const find = (directory: string, env = {}) => findRepository(directory, {...user.env, ...env})
    await assert.rejects(find(user.home), {kind: 'usage', message: /not a git repository/})
    await assert.rejects(find(join(user.project, '.git')), /not in a git work tree/)
    await assert.rejects(find(user.project, {PATH: user.directory('empty')}), {
      kind: 'unavailable',
      message: /git is not installed/,
    })
    user.git('init --quiet new')
    await assert.rejects(find(join(user.project, 'new')), /no commit yet/)
    user.git(`clone --quiet --bare . ${user.home}/bare.git`)
    const bare = await user.tree({from: join(user.home, 'bare.git')})
    assert.match(bare.path, /\/bare-[\da-f]{8}\//)
    assert.equal(read(bare.cwd, 'a.txt'), 'one\ntwo\nthree\n')
    assert.deepEqual(await finishWorktree(bare, user.env), {isRemoved: true})
  })

  it('is of the repository in the directory, whatever variables of git a hook has set', async () => {
    user.git(`clone --quiet . ${user.home}/other`)
    const env = {GIT_DIR: join(user.home, 'other/.git'), GIT_INDEX_FILE: join(user.home, 'index')}
    assert.equal((await findRepository(user.project, {...user.env, ...env})).path, user.project)
  })

  it('of a submodule is one of its own repository, and the tree of a repository says that its submodules are empty', async () => {
    user.git(`clone --quiet . ${user.home}/library`)
    user.git(`submodule --quiet add ${user.home}/library lib`)
    user.git('commit --quiet -m lib')
    const inside = await user.tree({from: join(user.project, 'lib')})
    assert.equal(user.git('rev-parse --git-common-dir', inside.path), join(user.project, '.git/modules/lib'))
    assert.equal(user.git('rev-parse --show-toplevel', inside.path), inside.path)
    assert.deepEqual(await finishWorktree(inside, user.env), {isRemoved: true})
    const outside = await user.tree()
    assert.match(user.notices.join(), /Submodules are empty in worktrees/)
    assert.deepEqual(await finishWorktree(outside, user.env), {isRemoved: true})
    const filled = await user.tree({setup: 'git submodule --quiet update --init'})
    assert.equal(read(filled.path, 'lib/a.txt'), 'one\ntwo\nthree\n')
    const config = user.git('config --list')
    assert.deepEqual(await finishWorktree(filled, user.env), {isRemoved: true})
    assert.equal(user.git('config --list'), config)
  })

  it("leaves the user's changes where they are, or begins with them", async () => {
    user.git('mv a.txt b.txt')
    user.write('project/c/new.txt', 'new')
    const before = user.git('status --porcelain')
    assert.equal((await findRepository(user.project, user.env)).uncommitted, 3)
    const without = await user.tree()
    assert.equal(user.git('status --porcelain', without.path), '')
    const {path} = await user.tree({dirty: true})
    assert.equal(user.git('status --porcelain', path), 'D a.txt\n?? b.txt\n?? c/')
    assert.equal(user.git('status --porcelain'), before)
  })

  it('has the ignored files that .worktreeinclude names, and no others', async () => {
    user.commit('.gitignore', '.env*\nkeep/\nlink\n')
    user.write('project/.worktreeinclude', '.env\n*.txt\nkeep/*.key\nlink\nout/.env\n')
    user.write('project/.env', 'secret')
    user.write('project/.env.other', 'other')
    user.write('project/keep/a.key', 'key')
    user.write('project/untracked.txt', 'not ignored')
    user.write('outside', 'outside')
    symlinkSync(join(user.home, 'outside'), join(user.project, 'link'))
    // In the commit a link stands where the user has a directory.
    symlinkSync(user.directory('far'), join(user.project, 'out'))
    user.commit('.dummy', '')
    user.git('add out')
    user.git('commit --quiet -m out')
    rmSync(join(user.project, 'out'))
    user.write('project/out/.env', 'far')
    const {path} = await user.tree()
    const there = ['.env', 'keep/a.key', '.env.other', 'untracked.txt', 'link', 'out/.env']
    assert.deepEqual(
      there.filter((name) => lstatSync(join(path, name), {throwIfNoEntry: false})),
      ['.env', 'keep/a.key'],
    )
    assert.match(user.notices.join(), /Not copied into the worktree: link .*out\/\.env/)
  })

  it('is set up before its agent starts, and a failed set-up is seen', async () => {
    const {path} = await user.tree({setup: 'echo hello; pwd > made; echo "$CLINVK_REPOSITORY" >> made'})
    assert.equal(read(path, 'made'), `${path}\n${user.project}\n`)
    assert.equal(read(user.home, 'setup.log'), 'hello\n')
    await assert.rejects(user.tree({setup: 'echo broken >&2; exit 3'}), {
      message: 'The set-up of the worktree failed with 3: echo broken >&2; exit 3',
      hints: [`What it printed: ${user.home}/setup.log`, `The worktree: ${path}-2`],
    })
    assert.match(read(user.home, 'setup.log'), /broken/)
    const stopped = new AbortController()
    const running = user.tree({setup: 'sleep 1000', stop: stopped.signal})
    stopped.abort()
    await assert.rejects(running, {kind: 'cancelled'})
  })

  it('is locked while its task runs', async () => {
    const tree = await user.tree()
    for (let time = 0; time < 2; time++) await lockWorktree(tree, user.env)
    assert.throws(() => user.git(`worktree remove --force ${tree.path}`), /locked/)
    assert.deepEqual(await finishWorktree(tree, user.env), {isRemoved: true})
  })

  it('that was removed because nothing had changed is made again, at its path, on its branch and commit', async () => {
    const tree = await user.tree()
    await finishWorktree(tree, user.env)
    // Its path is that of a session.
    assert.match((await user.tree()).path, /review-2$/)
    user.commit('later.txt', '')
    await remakeWorktree(tree, user.env)
    assert.equal(user.git('rev-parse HEAD', tree.path), tree.base)
    assert.equal(user.git('branch --show-current', tree.path), tree.branch)
    user.write(`${tree.path.slice(user.home.length + 1)}/work.txt`, 'work')
    await assert.rejects(remakeWorktree(tree, user.env), {kind: 'session'})
    assert.equal(read(tree.path, 'work.txt'), 'work')
  })

  it('that has gone otherwise is not made again; the command that makes it is told', async () => {
    const tree = await user.tree()
    user.commit('work.txt', 'work', tree.path)
    rmSync(tree.path, {recursive: true})
    const failure = await remakeWorktree(tree, user.env).catch((error: unknown) => error as {hints: string[]})
    const command = failure!.hints[0]!.replace('Make it again: ', '')
    await user.run('/bin/sh', ['-c', command]).finished
    assert.equal(read(tree.path, 'work.txt'), 'work')
    renameSync(user.project, join(user.home, 'moved'))
    await assert.rejects(remakeWorktree(tree, user.env), {
      kind: 'session',
      message: /project of the worktree .* does not exist any more/,
    })
  })
})
