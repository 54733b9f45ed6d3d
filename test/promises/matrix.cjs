// `npm run promises`: a reporter of mocha that prints which promise holds for which agent, as a table in Markdown.
const {Runner} = require('mocha')

const {EVENT_RUN_END, EVENT_TEST_FAIL, EVENT_TEST_PASS} = Runner.constants

module.exports = class Matrix {
  constructor(runner) {
    /** Promise -> agent -> whether it holds. */
    const promises = new Map()
    const agents = new Set()
    const note = (test, holds) => {
      const agent = test.parent.title
      const promise = `${test.parent.parent.title} ${test.title}`
      agents.add(agent)
      promises.set(promise, {...promises.get(promise), [agent]: holds})
    }

    runner.on(EVENT_TEST_PASS, (test) => note(test, true))
    runner.on(EVENT_TEST_FAIL, (test, error) => {
      process.stderr.write(`${test.fullTitle()}\n${error.stack ?? error.message}\n\n`)
      if (test.type === 'test') note(test, false)
    })
    runner.once(EVENT_RUN_END, () => {
      const row = (...cells) => process.stdout.write(`| ${cells.join(' | ')} |\n`)
      row('promise', ...agents)
      row('---', ...[...agents].map(() => '---'))
      for (const [promise, holds] of promises)
        row(promise, ...[...agents].map((agent) => MARKS[holds[agent]] ?? '–'))
    })
  }
}

const MARKS = {true: 'yes', false: '**no**'}
