import {join} from 'node:path'
import {installed} from '../installed.js'

/** What npm offers of others, beside which clinvk runs: installed only when `--others` asks for it. */
export default [
  ['sf', '@salesforce/cli'],
  ['heroku', 'heroku'],
  ['npm', 'npm'],
  ['claude', '@anthropic-ai/claude-code'],
  ['codex', '@openai/codex'],
  ['gemini', '@google/gemini-cli'],
  ['opencode', 'opencode-ai'],
].map(([name, pkg]) => ({
  name: `others-${name}`,
  isOther: true,
  rows: [{title: `${name} --version`, unit: 'x'}],
  prepare(place) {
    const program = join(installed(pkg), '.bin', name)
    return () => {
      const {ms: base} = place.nothing()
      return [{base, ms: place.run(program, ['--version']).ms}]
    }
  },
}))
