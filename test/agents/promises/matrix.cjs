// `npm run promises`: a reporter of mocha that prints which promise holds for which agent, as a table in Markdown.
// Where an agent cannot do it, the title ends with what happens instead: "(refused: it cannot do that)".
const {Runner} = require('mocha')

const {EVENT_RUN_END, EVENT_TEST_FAIL, EVENT_TEST_PASS} = Runner.constants

module.exports = class Matrix {
  constructor(runner) {
    /** Promise -> agent -> what became of it. */
    const promises = new Map()
    const agents = new Set()
    const note = (test, holds) => {
      const agent = test.parent.title
      const [, title, instead = 'yes'] = /^(.*?)(?: \((refused: .*)\))?$/.exec(
        test.title.replace(' @smoke', ''),
      )
      const promise = `${test.parent.parent.title} ${title}`
      agents.add(agent)
      promises.set(promise, {...promises.get(promise), [agent]: holds ? instead : '**no**'})
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
      for (const [promise, cells] of promises)
        row(promise, ...[...agents].map((agent) => cells[agent] ?? '–'))
    })
  }
}
