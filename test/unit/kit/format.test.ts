import assert from 'node:assert/strict'
import {spawnSync} from 'node:child_process'
import {formatDuration, parseDuration, relativeTime} from 'clinvk-kit/format/time'
import {formatNumber, oneLine, quoteCommand} from 'clinvk-kit/format/text'
import {table, cutToWidth, displayWidth, padToWidth} from 'clinvk-kit/format/table'

describe('durations', () => {
  const TYPED: [string, number | undefined][] = [
    ['90', 90_000],
    ['1.5', 1500],
    ['500ms', 500],
    ['90s', 90_000],
    ['10m', 600_000],
    ['1h30m', 5_400_000],
    ['0.5h', 1_800_000],
    ['999999999h', 2 ** 31 - 1],
    ['0', undefined],
    ['0s', undefined],
    ['0.1ms', undefined],
    ['', undefined],
    ['soon', undefined],
    ['-5s', undefined],
    ['5 s', undefined],
    ['10d', undefined],
    ['1e3', undefined],
    ['5s soon', undefined],
  ]
  for (const [text, ms] of TYPED) {
    it(`"${text}" is ${ms === undefined ? 'none' : `${ms} ms`}`, () => assert.equal(parseDuration(text), ms))
  }

  const SHOWN: [number, string][] = [
    [0, '0.0s'],
    [420, '0.4s'],
    [9949, '9.9s'],
    [9960, '9.9s'],
    [12_900, '12s'],
    [59_999, '59s'],
    [60_000, '1m 00s'],
    [185_000, '3m 05s'],
    [3_600_000, '1h 00m'],
    [3_720_000, '1h 02m'],
    [90_000_000, '25h 00m'],
  ]
  for (const [ms, text] of SHOWN)
    it(`${ms} ms shows as ${text}`, () => assert.equal(formatDuration(ms), text))
})

describe('numbers', () => {
  const CASES: [number, string][] = [
    [0, '0'],
    [999, '999'],
    [1000, '1,000'],
    [1234.6, '1,235'],
    [1_234_567, '1,234,567'],
    [-1234, '-1,234'],
  ]
  for (const [value, text] of CASES) it(text, () => assert.equal(formatNumber(value), text))
})

describe('a time ago', () => {
  const now = new Date('2026-03-01T12:00:00Z')
  const DAY = 86_400
  const CASES: [number, string][] = [
    [-100, 'just now'],
    [0, 'just now'],
    [59, 'just now'],
    [60, '1 minute ago'],
    [5 * 60, '5 minutes ago'],
    [3599, '59 minutes ago'],
    [3600, '1 hour ago'],
    [DAY, '1 day ago'],
    [6 * DAY, '6 days ago'],
    [7 * DAY, '1 week ago'],
    [29 * DAY, '4 weeks ago'],
    [30 * DAY, '1 month ago'],
    [364 * DAY, '12 months ago'],
    [800 * DAY, '2 years ago'],
  ]
  for (const [seconds, text] of CASES) {
    it(`${seconds} s: ${text}`, () =>
      assert.equal(relativeTime(new Date(now.getTime() - seconds * 1000), now), text))
  }
})

describe('text on one line', () => {
  const CASES: [string, string, string][] = [
    ['newlines and tabs', ' a\n\tb\r\nc ', 'a b c'],
    ['colours', '\u001B[1;31mred\u001B[0m', 'red'],
    ['the cursor', 'a\u001B[2K\u001B[1Gb', 'ab'],
    ['a title (OSC, BEL)', '\u001B]0;evil\u0007a', 'a'],
    ['a link (OSC, ST)', '\u001B]8;;http://x\u001B\\a\u001B]8;;\u001B\\', 'a'],
    ['C1 forms', '\u009B31mred', 'red'],
    ['a lone escape', 'a\u001B', 'a'],
    ['bells and backspaces', 'a\u0007\u0008b', 'ab'],
    ['bidirectional controls', 'a\u202Eb\u2066c\u2069', 'abc'],
    ['line separators', 'a\u2028b', 'a b'],
    ['other scripts and emoji, unchanged', 'größe 日本 👩‍👩‍👧', 'größe 日本 👩‍👩‍👧'],
  ]
  for (const [name, text, expected] of CASES) it(name, () => assert.equal(oneLine(text), expected))
})

describe('a quoted command', () => {
  const WORDS = [
    'plain',
    '',
    'two words',
    "it's",
    `"double" and 'single'`,
    '$HOME `id` $(id) \\ !x',
    '*?[a]{b,c}',
    '~',
    '#no comment',
    '; rm -rf & | > < ( )',
    'line\nline\n',
    '-n',
    '--flag=value',
    '=ls',
    'größe 日本',
    "''",
    '\t',
  ]

  it('means the same words to a shell', () => {
    const line = quoteCommand(['printf', '%s\\0', ...WORDS])
    const {stderr, stdout} = spawnSync('sh', ['-c', line], {encoding: 'utf8'})
    assert.equal(stderr, '')
    assert.deepEqual(stdout.split('\0').slice(0, -1), WORDS)
  })

  it('is quoted only where it must be', () => {
    assert.equal(
      quoteCommand(['claude', '--model=opus', '/a/b-c.d', 'a b']),
      "claude --model=opus /a/b-c.d 'a b'",
    )
  })
})

describe('width on a terminal', () => {
  const WIDTHS: [string, number][] = [
    ['', 0],
    ['abc', 3],
    ['größe', 5],
    ['日本', 4],
    ['😀', 2],
    ['👩‍👩‍👧', 2],
    ['e\u0301', 1],
  ]
  for (const [text, width] of WIDTHS) {
    it(`"${text}" takes ${width}`, () => assert.equal(displayWidth(text), width))
  }

  const CUTS: [string, number, string][] = [
    ['abcdef', 6, 'abcdef'],
    ['abcdef', 5, 'abcd…'],
    ['日本語', 6, '日本語'],
    ['日本語', 5, '日本…'],
    ['日本語', 4, '日…'],
    ['👩‍👩‍👧👩‍👩‍👧', 3, '👩‍👩‍👧…'],
    ['e\u0301e\u0301e\u0301', 2, 'e\u0301…'],
    ['abc', 1, '…'],
  ]
  for (const [text, columns, cut] of CUTS) {
    it(`"${text}" in ${columns} columns is "${cut}"`, () => assert.equal(cutToWidth(text, columns), cut))
  }

  it('is filled up with spaces', () => {
    assert.equal(padToWidth('日本', 6), '日本  ')
    assert.equal(padToWidth('too long', 3), 'too long')
  })
})

describe('a table', () => {
  const columns = [
    {title: 'ID', width: 4},
    {title: 'TITLE', width: 5},
  ]

  it('has columns as wide as their widest cell, and never less than their width', () => {
    assert.equal(
      table(columns, [
        ['日本語', 'a'],
        ['x', ''],
      ]),
      'ID      TITLE\n日本語  a\nx       \n',
    )
    assert.equal(table(columns, []), 'ID    TITLE\n')
  })

  it('is cut in its last column on a terminal, and only there', () => {
    const row = ['x', 'a title that is longer than the terminal']
    assert.equal(table(columns, [row], 20), 'ID    TITLE\nx     a title that …\n')
    assert.equal(table(columns, [row]), `ID    TITLE\nx     ${row[1]!}\n`)
    assert.equal(table(columns, [row], 14), 'ID  TITLE\nx   a title t…\n', 'the columns draw together')
    assert.equal(table(columns, [row], 8), 'ID  TIT…\nx   a t…\n', 'however narrow')
  })
})
