import assert from 'node:assert/strict'
import {existsSync, readFileSync, renameSync, rmSync, symlinkSync} from 'node:fs'
import {join} from 'node:path'
import {applyTree} from '../../../plugins/kit/src/worktree/apply.js'
import {diffOf, patchOf} from '../../../plugins/kit/src/worktree/changes.js'
import {dropTree, lossOf} from '../../../plugins/kit/src/worktree/drop.js'
import {finishWorktree} from '../../../plugins/kit/src/worktree/finish.js'
import type {Worktree} from '../../../plugins/kit/src/worktree/make.js'
import {RepositoryUser} from '../../support/repository.js'

describe('the worktree of a task that has ended', () => {
  const user = new RepositoryUser().forEachTest()
  const write = ({path}: Worktree, name: string, content: string | Buffer) =>
    user.write(join(path, name).slice(user.home.length + 1), content)
  const read = (...path: string[]) => readFileSync(join(...path), 'utf8')

  it('is removed with its branch where nothing is in it, also what its set-up made', async () => {
    user.commit('.gitignore', 'modules/\n.cache\n')
    const tree = await user.tree({setup: 'mkdir modules; echo > modules/a; echo > .cache'})
    write(tree, 'modules/b', 'built later')
    user.git('config branch.main.remote nowhere')
    assert.deepEqual(await finishWorktree(tree, user.env), {isRemoved: true})
    assert.equal(existsSync(tree.path), false)
    assert.equal(user.git('branch --list'), '* main')
    assert.equal(user.git('worktree list').split('\n').length, 1)
    user.git('commit --quiet --allow-empty -m next')
    const older = await user.tree({base: user.git('commit-tree HEAD^{tree} -m apart')})
    assert.deepEqual(await finishWorktree(older, user.env), {isRemoved: true})
  })

  const KEPT: Record<string, [reason: RegExp, change: (tree: Worktree) => unknown]> = {
    'a commit that is merged nowhere': [/^1 commit$/, ({path}) => user.commit('b.txt', 'work', path)],
    'a commit that was taken back': [
      /^commit \w{12}, which no branch has$/,
      ({path}) => {
        user.commit('b.txt', 'work', path)
        user.git('reset --quiet --hard HEAD~1', path)
      },
    ],
    'another branch': [/another branch/, ({path}) => user.git('checkout --quiet -b mine', path)],
    'no branch': [/another branch/, ({path}) => user.git('checkout --quiet --detach', path)],
    'a moved branch': [
      /its branch was moved/,
      ({path}) => {
        user.git('commit --quiet --allow-empty -m root', path)
        user.git('update-ref HEAD HEAD~2', path)
      },
    ],
    'a change': [/^1 uncommitted file$/, (tree) => write(tree, 'a.txt', 'changed')],
    'an untracked file that the settings hide': [
      /^1 uncommitted file$/,
      (tree) => {
        user.git('config status.showUntrackedFiles no')
        write(tree, 'new.txt', 'new')
      },
    ],
    'a change that git was told not to see': [
      /git ignores their changes/,
      (tree) => {
        user.git('update-index --assume-unchanged a.txt', tree.path)
        write(tree, 'a.txt', 'changed')
      },
    ],
    'a new file that git ignores': [/git ignores: \.env/, (tree) => write(tree, '.env', 'written here')],
    'a changed file that git ignores': [
      /git ignores: \.cache/,
      (tree) => write(tree, '.cache', 'changed here'),
    ],
    'a stash': [
      /a stash/,
      (tree) => {
        write(tree, 'a.txt', 'changed')
        user.git('stash --quiet', tree.path)
      },
    ],
    'a commit in a submodule': [
      /a submodule/,
      ({path}) => {
        user.commit('b.txt', 'work', join(path, 'lib'))
        user.git('reset --quiet --hard HEAD~1', join(path, 'lib'))
      },
    ],
    'a process': [/^process \d+ works in it$/, ({path}) => void user.run('/bin/sleep', ['100'], {cwd: path})],
    'a repository that was moved': [
      /not a git repository/,
      () => renameSync(user.project, join(user.home, 'moved')),
    ],
    'a link to the repository in its place': [
      /another work tree/,
      ({path}) => {
        rmSync(path, {recursive: true})
        symlinkSync(user.project, path)
      },
    ],
    'git that fails': [/git rev-parse failed/, ({path}) => rmSync(join(path, '.git'))],
    'no directory': [/does not exist/, ({path}) => rmSync(path, {recursive: true})],
  }
  for (const [what, [reason, change]] of Object.entries(KEPT)) {
    it(`is kept, with its branch and the repository, because of ${what}`, async () => {
      user.commit('.gitignore', '.env\n.cache\n')
      if (what.includes('submodule')) {
        user.git(`clone --quiet . ${user.home}/library`)
        user.git(`submodule --quiet add ${user.home}/library lib`)
        user.git('commit --quiet -m lib')
      }
      user.git('commit --quiet --allow-empty -m second')
      const tree = await user.tree({setup: 'echo > .cache; git submodule --quiet update --init'})
      change(tree)
      const finished = await finishWorktree(tree, user.env)
      assert.ok(
        !finished.isRemoved && finished.reasons.some((words) => reason.test(words)),
        JSON.stringify(finished),
      )
      if (!existsSync(user.project)) return
      assert.equal(existsSync(tree.path), what !== 'no directory')
      assert.match(user.git('branch --list clinvk/*'), /clinvk\/3616f072\/review/)
      assert.equal(read(user.project, 'a.txt'), 'one\ntwo\nthree\n')
      // Whoever wants it to go can have that done by git.
      assert.doesNotMatch(user.git('worktree list --porcelain'), /^locked/m)
    })
  }

  it('is kept where git cannot even be started', async () => {
    const tree = await user.tree()
    const finished = await finishWorktree(tree, {...user.env, PATH: user.directory('empty')})
    assert.ok(!finished.isRemoved && existsSync(tree.path))
  })

  describe('with changes', () => {
    let tree: Worktree
    const BINARY = Buffer.from([0, 255, 10, 13, 0, 200])

    beforeEach(async () => {
      user.commit('c.txt', 'one\n2\n3\n4\n5\nsix\n')
      tree = await user.tree()
      write(tree, 'c.txt', 'ONE\n2\n3\n4\n5\nsix\n')
      write(tree, 'a.txt', 'ONE\ntwo\nthree\n')
      user.git('commit --quiet --all -m one', tree.path)
      write(tree, 'a.txt', 'ONE\ntwo\nTHREE\n')
      write(tree, 'new ü.bin', BINARY)
    })

    it('gives them as a patch, committed or not, and changes nothing', async () => {
      const before = user.git('status --porcelain', tree.path)
      const changes = await diffOf(tree, user.env)
      assert.match(changes.stat, /^3 files changed, 3 insertions\(\+\), 3 deletions\(-\)$/)
      const patch = (await patchOf(changes)).toString()
      assert.match(patch, /\+ONE\n two\n-three\n\+THREE\n/)
      assert.match(patch, /GIT binary patch/)
      assert.equal(user.git('status --porcelain', tree.path), before)
      rmSync(tree.path, {recursive: true})
      assert.match(
        (await diffOf(tree, user.env)).stat,
        /^2 files changed, 2 insertions\(\+\), 2 deletions\(-\)$/,
      )
    })

    it('leaves out a repository inside it, and says so', async () => {
      user.git(`clone --quiet . ${join(tree.path, 'inner')}`)
      const {leftOut, stat} = await diffOf(tree, user.env)
      assert.deepEqual([leftOut, stat.slice(0, 7)], [['inner/'], '3 files'])
    })

    it('gives them to the work tree of the user, three ways, staged', async () => {
      // Elsewhere in the file, and a change of the user in another one.
      user.commit('c.txt', 'one\n2\n3\n4\n5\nSIX\n')
      user.commit('b.txt', 'b')
      user.write('project/b.txt', 'mine')
      await applyTree(tree, user.directory('project/sub'), user.env)
      assert.equal(read(user.project, 'a.txt'), 'ONE\ntwo\nTHREE\n')
      assert.equal(read(user.project, 'c.txt'), 'ONE\n2\n3\n4\n5\nSIX\n')
      assert.deepEqual(readFileSync(join(user.project, 'new ü.bin')), BINARY)
      assert.equal(read(user.project, 'b.txt'), 'mine')
      assert.equal(user.git('diff --cached --name-only').split('\n').length, 3)
    })

    const REFUSED: Record<string, [says: RegExp, change: () => unknown]> = {
      'staged changes': [/are staged/, () => user.git('rm --quiet --cached a.txt')],
      'a conflict': [/conflicts in a\.txt/, () => user.commit('a.txt', 'Eins\n')],
      'a change of the same file': [/Your own changes.*a\.txt/, () => user.write('project/a.txt', 'mine')],
      'an untracked file of the same name': [
        /Your own changes/,
        () => user.write('project/new ü.bin', 'mine'),
      ],
    }
    for (const [what, [says, change]] of Object.entries(REFUSED)) {
      it(`gives all of them or none: none because of ${what}`, async () => {
        change()
        const state = () => [
          user.git('status --porcelain'),
          read(user.project, 'a.txt'),
          user.git('diff --cached'),
        ]
        const before = state()
        await assert.rejects(applyTree(tree, user.project, user.env), says)
        assert.deepEqual(state(), before)
      })
    }

    it('gives none where one cannot be written in the middle, and puts back what was', async () => {
      user.commit('.gitattributes', 'z* filter=full\n')
      user.commit('z.txt', 'z\n')
      const other = await user.tree()
      write(other, 'a.txt', 'changed')
      write(other, 'b.txt', 'new')
      write(other, 'z.txt', 'full\n')
      // As where the disk is full.
      const config = '[filter "full"]\nclean = cat\nsmudge = grep -v full\nrequired = true\n'
      user.write('project/.git/config', read(user.project, '.git/config') + config)
      await assert.rejects(applyTree(other, user.project, user.env), {
        message: /cannot be written/,
        hints: ['Nothing was applied.'],
      })
      assert.equal(user.git('status --porcelain'), '')
      assert.equal(read(user.project, 'a.txt'), 'one\ntwo\nthree\n')
    })

    it('gives them to no other repository', async () => {
      user.git(`clone --quiet . ${user.home}/other`)
      for (const directory of [join(user.home, 'other'), tree.path])
        await assert.rejects(applyTree(tree, directory, user.env), /is not another work tree/)
    })

    it('is dropped only by hand, and can be had again', async () => {
      assert.deepEqual(await lossOf(tree, user.env), ['1 commit', '2 uncommitted files'])
      const all = await patchOf(await diffOf(tree, user.env))
      const saved = await dropTree(tree, user.env)
      assert.equal(existsSync(tree.path), false)
      assert.equal(user.git('branch --list clinvk/*'), '')
      user.git(`branch again ${saved}`)
      user.git(`worktree add --quiet ${user.home}/again again`)
      const again = {...tree, path: join(user.home, 'again'), branch: 'again'}
      assert.deepEqual(await patchOf(await diffOf(again, user.env)), all)
    })

    it('is not dropped while a process works in it; one that was deleted by hand is', async () => {
      const {child} = user.run('/bin/sleep', ['100'], {cwd: tree.path})
      await assert.rejects(dropTree(tree, user.env), new RegExp(`process ${child.pid} works in it`))
      rmSync(tree.path, {recursive: true})
      assert.deepEqual(await lossOf(tree, user.env), ['1 commit'])
      assert.match((await dropTree(tree, user.env))!, /^[\da-f]{40}$/)
      assert.equal(user.git('branch --list clinvk/*'), '')
      await assert.rejects(diffOf(tree, user.env), /do not exist any more/)
    })
  })
})
