import {Failure} from 'clinvk-kit/errors/failure'
import {isPiped, type IO} from 'clinvk-kit/io'
import {checkRunFile} from 'clinvk-kit/runs/check-run-file'
import {placeOf} from 'clinvk-kit/settings/check'
import {RUN_FILES} from 'clinvk-kit/runs/run-file-schema'
import type {RunDescription} from 'clinvk-kit/runs/store/run-folder'
import {readText} from '../prompt/read-prompt.js'

/**
 * Reads `--file`, JSON or YAML; `-`, or no file at all, is standard input. A list alone is taken for the tasks. Gives
 * what is written there. Throws a Failure of kind `config` with place, task and field of everything that is wrong.
 */
export async function readRunFile(
  command: RunDescription['command'],
  file: string | undefined,
  io: IO,
): Promise<unknown> {
  const {list, schema} = RUN_FILES[command]
  if (file === undefined && !isPiped(io)) {
    throw new Failure('usage', 'There is no run file.', [
      `Try: clinvk ${command} --file ${list}.yaml`,
      ...(command === 'parallel'
        ? ['Or name the prompts: clinvk parallel "review auth.go" "review db.go"']
        : []),
      `For an example of such a file: clinvk ${command} --help`,
    ])
  }
  const {replaced, source, text} = await readText(file ?? '-', io, {kind: 'config', what: 'the run file'})
  if (replaced > 0) throw new Failure('config', `${source} is not UTF-8 text.`)
  const found = await parse(text, source)
  const isList = Array.isArray(found)
  const root: unknown = isList ? {[list]: found} : found
  if (schema.safeParse(root).success) return root
  const {sourceOf} = await readAsYaml(text, source)
  return checkRunFile(schema, root, (path) => sourceOf(isList ? path.slice(1) : path))
}

/** To read JSON as YAML takes long with a large prompt. */
async function parse(text: string, source: string): Promise<unknown> {
  try {
    return JSON.parse(text)
  } catch {
    const {problem, value} = await readAsYaml(text, source)
    if (problem) throw new Failure('config', `${placeOf(problem.source)}: ${problem.message}`)
    return value
  }
}

async function readAsYaml(text: string, source: string) {
  const {readYaml} = await import('clinvk-kit/settings/yaml-file')
  return readYaml(text, source, 'user')
}
