import assert from 'node:assert/strict'
import {spawnSync} from 'node:child_process'
import {PassThrough} from 'node:stream'
import {cutToWidth, displayWidth, padToWidth, table} from 'clinvk-kit/format/table'
import {formatNumber, nearest, oneLine, quoteCommand} from 'clinvk-kit/format/text'
import {visible, visibleLine} from 'clinvk-kit/format/visible'
import {formatDuration, localTime, parseDuration, relativeTime} from 'clinvk-kit/format/time'
import {drawingOn, guarded} from 'clinvk-kit/format/terminal'

/** Calls a function with the first values of each row; the last value is what it returns. */
function each<Given, Result>(
  call: (given: Given) => Result,
  rows: readonly (readonly [Given, Result])[],
): void {
  for (const [given, expected] of rows) assert.deepEqual(call(given), expected, JSON.stringify(given))
}

describe('formats', () => {
  it('read durations, and refuse other text', () => {
    each(parseDuration, [
      ['90', 90_000], ['1.5', 1500], ['500ms', 500], ['90s', 90_000], ['10m', 600_000], ['1h30m', 5_400_000],
      ['0.5h', 1_800_000], ['999999999h', 2 ** 31 - 1], ['10d', 864_000_000], ['2w', 1_209_600_000], ['0', 0], ['0s', 0],
      ['0.1ms', 1],
    ]) // prettier-ignore
    for (const text of ['', 'soon', '-5s', '5 s', '1e3', '5s soon', '2y'])
      assert.equal(parseDuration(text), undefined, text)
  })

  it('show durations', () => {
    each(formatDuration, [
      [0, '0.0s'], [420, '0.4s'], [9949, '9.9s'], [9960, '9.9s'], [12_900, '12s'], [59_999, '59s'], [60_000, '1m 00s'],
      [185_000, '3m 05s'], [3_600_000, '1h 00m'], [3_720_000, '1h 02m'], [90_000_000, '25h 00m'],
    ]) // prettier-ignore
  })

  it('show numbers in groups of three digits', () => {
    each(formatNumber, [
      [0, '0'], [999, '999'], [1000, '1,000'], [1234.6, '1,235'], [1_234_567, '1,234,567'], [-1234, '-1,234'],
    ]) // prettier-ignore
  })

  it('show how long ago a time was', () => {
    const DAY = 86_400
    const now = new Date('2026-03-01T12:00:00Z')
    each((seconds) => relativeTime(new Date(now.getTime() - seconds * 1000), now), [
      [-90_000, 'in the future'], [-100, 'just now'], [0, 'just now'], [59, 'just now'], [60, '1 minute ago'], [5 * 60, '5 minutes ago'],
      [3599, '59 minutes ago'], [3600, '1 hour ago'], [DAY, '1 day ago'], [6 * DAY, '6 days ago'], [7 * DAY, '1 week ago'],
      [29 * DAY, '4 weeks ago'], [30 * DAY, '1 month ago'], [364 * DAY, '12 months ago'], [800 * DAY, '2 years ago'],
    ]) // prettier-ignore
  })

  it("show a time as the user's clock does", () => {
    each(localTime, [
      [new Date(2026, 10, 28, 18, 5, 9).toISOString(), '2026-11-28 18:05'],
      [new Date(2026, 0, 1).toISOString(), '2026-01-01 00:00'],
      ['tomorrow', 'tomorrow'],
    ])
  })

  it('put text on one line without anything that moves a cursor', () => {
    each(oneLine, [
      [' a\n\tb\r\nc ', 'a b c'],
      ['\u001B[1;31mred\u001B[0m', 'red'],
      ['a\u001B[2K\u001B[1Gb', 'ab'],
      ['\u001B]0;evil\u0007a', 'a'],
      ['\u001B]8;;http://x\u001B\\a\u001B]8;;\u001B\\', 'a'],
      ['\u009B31mred', 'red'],
      ['a\u001B', 'a'],
      ['a\u0007\u0008b', 'ab'],
      ['a\u202Eb\u2066c\u2069', 'abc'],
      ['a\u2028b', 'a b'],
      ["run 'a  b'", "run 'a  b'"],
      ['a\u061Cb\u200Bc\u{E0041}d\u00AD', 'abcd'],
      ['größe 日本 👩‍👩‍👧', 'größe 日本 👩‍👩‍👧'],
    ])
  })

  it('show what a terminal would obey or hide, and leave line breaks, tabs, colours and scripts alone', () => {
    each(visible, [
      ['\u001B[1;31mred\u001B[0m\ta\r\nb\n', '\u001B[1;31mred\u001B[0m\ta\r\nb\n'],
      ['größe 日本 👩‍👩‍👧 می‌خواهم', 'größe 日本 👩‍👩‍👧 می‌خواهم'],
      ['\u001B]52;c;aGk=\u0007\u001B[2J\u009B1A', '\\u001b]52;c;aGk=\\u0007\\u001b[2J\\u009b1A'],
      ['ok\rno\b\u007F', 'ok\\rno\\u0008\\u007f'],
      ['\u202Ea\u2066\u061C\u200B\uFEFF\u{E0041}', '\\u202ea\\u2066\\u061c\\u200b\\ufeff\\udb40\\udc41'],
    ])
    each(visibleLine, [['a\tb\n\u001B[1m\r', 'a\\tb\\n\\u001b[1m\\r']])
    const value = {text: '\u001B\u009B\u202E\u{E0041}\r\n"\\'}
    assert.deepEqual(JSON.parse(visible(JSON.stringify(value))), value)
  })

  it('let nothing through to a terminal that comes in two pieces, and keep a colour that does', () => {
    const written: string[] = []
    const stream = Object.assign(new PassThrough(), {isTTY: true, columns: 0, rows: 0})
    stream.on('data', (chunk: Buffer) => written.push(String(chunk)))
    const terminal = guarded(stream)
    const text = 'a\u001B[31mb\u001B]0;x\u0007\r\nc\rd\u{E0041}e'
    for (let at = 1; at < text.length; at++) {
      terminal.write(text.slice(0, at))
      terminal.write(text.slice(at))
      assert.equal(written.splice(0).join(''), visible(text), `split at ${at}`)
    }
    drawingOn(terminal).write('\u001B[2K')
    assert.deepEqual([written.join(''), terminal.columns, terminal.rows], ['\u001B[2K', 80, 24])
  })

  it('quote a command so that a shell sees the same words, and only where it must', () => {
    const words = [
      'plain', '', 'two words', "it's", `"double" and 'single'`, '$HOME `id` $(id) \\ !x', '*?[a]{b,c}', '~',
      '#no comment', '; rm -rf & | > < ( )', 'line\nline\n', '-n', '--flag=value', '=ls', 'größe 日本', "''", '\t',
    ] // prettier-ignore
    const line = quoteCommand(['printf', '%s\\0', ...words])
    const {stderr, stdout} = spawnSync('sh', ['-c', line], {encoding: 'utf8'})
    assert.deepEqual([stderr, stdout.split('\0').slice(0, -1)], ['', words])
    // What a terminal would obey or hide is written out; dash does not know `$'…'`.
    const hostile = ["it's \u001B]0;x\u0007\\", 'a\u202Eb', '\u{E0041}\r\u009B', '$(x)\u200B`y`\n']
    const shown = quoteCommand(['printf', '%s\\0', ...hostile])
    assert.match(shown, /^[ -~\n]*$/)
    assert.equal(quoteCommand(['a\n\tb'], {isOneLine: true}), "$'a\\012\\011b'")
    const bash = spawnSync('bash', ['-c', shown], {encoding: 'utf8', env: {LC_ALL: 'C'}})
    assert.deepEqual(bash.stdout.split('\0').slice(0, -1), hostile)
    assert.equal(
      quoteCommand(['claude', '--model=opus', '/a/b-c.d', 'a b']),
      "claude --model=opus /a/b-c.d 'a b'",
    )
  })

  it('measure, cut and fill text by its width on a terminal', () => {
    each(displayWidth, [['', 0], ['abc', 3], ['größe', 5], ['日本', 4], ['😀', 2], ['👩‍👩‍👧', 2], ['e\u0301', 1]]) // prettier-ignore
    each(([text, columns]: readonly [string, number]) => cutToWidth(text, columns), [
      [['abcdef', 6], 'abcdef'], [['abcdef', 5], 'abcd…'], [['日本語', 6], '日本語'], [['日本語', 5], '日本…'],
      [['日本語', 4], '日…'], [['👩‍👩‍👧👩‍👩‍👧', 3], '👩‍👩‍👧…'], [['e\u0301e\u0301e\u0301', 2], 'e\u0301…'], [['abc', 1], '…'],
    ]) // prettier-ignore
    assert.deepEqual([padToWidth('日本', 6), padToWidth('too long', 3)], ['日本  ', 'too long'])
  })

  it('align a table, and cut its last column on a terminal only', () => {
    const columns = [{title: 'ID', width: 4}, {title: 'TITLE', width: 5}] // prettier-ignore
    const wide = 'ID      TITLE\n日本語  a\nx       \n'
    assert.equal(table(columns, [['日本語', 'a'], ['x', '']]), wide) // prettier-ignore
    assert.equal(table(columns, []), 'ID    TITLE\n')
    const row = ['x', 'a title that is longer than the terminal']
    each(
      (width) => table(columns, [row], width),
      [
        [undefined, `ID    TITLE\nx     ${row[1]!}\n`],
        [20, 'ID    TITLE\nx     a title that …\n'],
        [14, 'ID  TITLE\nx   a title t…\n'],
        [8, 'ID  TIT…\nx   a t…\n'],
      ],
    )
  })

  it('finds the command that is meant, also for a prompt of a million letters', () => {
    const names = ['sessions', 'help']
    const meant = ['sesions', 'hepl', 'hello', 'a'.repeat(1_000_000)].map((word) => nearest(word, names))
    assert.deepEqual(meant, ['sessions', 'help', undefined, undefined])
  })
})
