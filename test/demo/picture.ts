import {execFileSync} from 'node:child_process'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as wait} from 'node:timers/promises'
import {ROOT} from '../support/sandbox.js'
import {terminalSvg} from './terminal-svg.js'

/**
 * `npm run picture`: runs the demo in a real terminal (tmux) and draws the part
 * with Claude Code as `docs/images/demo.svg`. Needs tmux.
 */
async function picture(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'clinvk-picture-'))
  const tmux = (...words: string[]) =>
    execFileSync('tmux', ['-S', join(folder, 'socket'), ...words], {encoding: 'utf8'})
  try {
    const run = `${process.execPath} --import tsx ${join(ROOT, 'test/demo/demo.ts')}; echo ENDED; read _`
    tmux(
      '-f',
      '/dev/null',
      'new-session',
      '-d',
      '-x',
      '96',
      '-y',
      '90',
      '-c',
      ROOT,
      `TERM=xterm-256color sh -c '${run}'`,
    )
    let screen = ''
    while (!screen.includes('ENDED')) {
      await wait(250)
      screen = tmux('capture-pane', '-p', '-e')
    }

    const lines = screen.split('\n')
    const from = lines.findIndex((line) => line.includes('With the real Claude Code')) + 2
    const to = lines.findIndex((line) => line.includes('From another directory')) - 1
    const shown = lines.slice(from, to).map((line) => line.replaceAll(/\/tmp\/clinvk-test-\w+/g, '/home/ada'))
    writeFileSync(join(ROOT, 'docs/images/demo.svg'), terminalSvg(shown, 96))
  } finally {
    tmux('kill-server')
    rmSync(folder, {recursive: true})
  }
}

await picture()
