import type {OutputFormat} from 'clinvk-kit/settings/settings'
import type {RunReport} from '../result-json.js'
import type {RunView} from '../run-view.js'
import {JsonView} from './json-view.js'
import {PlainProgress} from './plain-progress.js'
import type {Progress} from './progress.js'
import {StreamJsonView} from './stream-json-view.js'

/** The view for a format; `json` is the report as data, `text` makes the view for people. */
export function createView(
  format: OutputFormat,
  json: (report: RunReport) => object,
  text: () => RunView | Promise<RunView>,
): RunView | Promise<RunView> {
  switch (format) {
    case 'json':
      return new JsonView(json)
    case 'stream-json':
      return new StreamJsonView(json)
    case 'text':
      return text()
  }
}

/** Moving where the terminal can do that, else lines. Quiet: only what goes wrong. */
export async function createProgress({quiet}: {quiet: boolean}): Promise<Progress> {
  const {stderr} = process
  if (quiet || !stderr.isTTY || process.env.TERM === 'dumb') return new PlainProgress({quiet})
  const {createLogUpdate} = await import('log-update')
  const {LiveProgress} = await import('./live-progress.js')
  return new LiveProgress(createLogUpdate(stderr))
}
