import {execFileSync} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'

/** Where this file's revision of clinvk is. */
export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')

/** Builds a revision in a worktree of Git, and gives its directory. `remove` takes it away again. */
export function build(revision) {
  const directory = join(mkdtempSync(join(tmpdir(), 'clinvk-bench-')), 'clinvk')
  const run = (file, args, cwd = directory) =>
    execFileSync(file, args, {cwd, stdio: ['ignore', 'ignore', 'inherit']})
  const remove = () => {
    run('git', ['worktree', 'remove', '--force', directory], root)
    rmSync(join(directory, '..'), {recursive: true, force: true})
  }
  console.error(`builds ${revision} …`)
  run('git', ['worktree', 'add', '--quiet', '--detach', directory, revision], root)
  try {
    const lock = (of) => readFileSync(join(of, 'package-lock.json'), 'utf8')
    if (lock(directory) === lock(root)) {
      run('cp', ['-a', join(root, 'node_modules'), directory])
      run('npm', ['run', 'build'])
    } else run('npm', ['ci', '--no-audit', '--no-fund'])
  } catch (error) {
    remove()
    throw error
  }

  return {directory, remove}
}
