import {mkdirSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'

/** Links so many packages with one backend each into a home, as `clinvk plugins link` leaves them behind. */
export function fillPlugins(home, count) {
  list(
    home,
    Array.from({length: count}, (_, index) => link(home, `bench${index}`)),
  )
}

/** Links the plugin of `clinvk serve` and `clinvk mcp`, that of the build which is measured. */
export function linkServe({home, program}) {
  const root = join(dirname(program), '../plugins/serve')
  list(home, [{name: 'clinvk-plugin-serve', root, type: 'link'}])
}

function list(home, plugins) {
  const data = join(home, '.local/share/clinvk')
  mkdirSync(data, {recursive: true})
  writeFileSync(join(data, 'package.json'), JSON.stringify({oclif: {schema: 1, plugins}}))
}

function link(home, backend) {
  const name = `clinvk-backend-${backend}`
  const root = join(home, 'plugins', name)
  const descriptor = {
    module: './index.js',
    title: backend,
    executable: backend,
    install: `npm install -g ${backend}`,
    models: {fast: 'small', best: 'large'},
    capabilities: {resume: true, streaming: true, approval: ['auto', 'none']},
  }
  const pjson = {
    name,
    version: '1.0.0',
    type: 'module',
    oclif: {},
    clinvk: {contract: 1, backends: {[backend]: descriptor}},
  }
  mkdirSync(root, {recursive: true})
  writeFileSync(join(root, 'package.json'), JSON.stringify(pjson))
  writeFileSync(join(root, 'index.js'), 'export default {plan() {}, reader() {}}\n')
  return {name, root, type: 'link'}
}
