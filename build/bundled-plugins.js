import {readdirSync, readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'

/** The root of the checkout, with a slash at its end. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** What every plugin in the bundle says of where its commands and hooks are, as oclif's `explicit` strategy has it. */
const BUNDLE = './dist/bundle/main.cjs'

/**
 * clinvk itself and the plugins whose code is part of the bundle, read from the tree: `commands` are ids and
 * files, `hooks` events and files. Backends are packages of their own, and `@oclif/plugin-plugins` brings npm along.
 */
export function bundledPlugins() {
  const ours = readdirSync(`${ROOT}plugins`).filter((folder) =>
    nameIn(`plugins/${folder}`).startsWith('clinvk-plugin-'),
  )
  return [
    {folder: '.', commands: commandsIn('src/commands'), hooks: {}},
    ...ours.map((folder) => bundled(`plugins/${folder}`, 'src', '.ts')),
    bundled('node_modules/@oclif/plugin-help', 'lib', '.js'),
  ].map((plugin) => ({...plugin, pjson: json(`${plugin.folder}/package.json`)}))
}

/** The package.json of a bundled plugin as oclif shall see it: where its parts are in the bundle. */
export function bundledPjson({commands, hooks, pjson: {name, oclif, type, version}}) {
  const part = (identifier) => ({target: BUNDLE, identifier})
  return {
    name,
    version,
    type,
    oclif: {
      ...(oclif.topics ? {topics: oclif.topics} : {}),
      ...(commands.length > 0 ? {commands: {strategy: 'explicit', ...part(`commands of ${name}`)}} : {}),
      hooks: Object.fromEntries(Object.keys(hooks).map((event) => [event, part(`${event} of ${name}`)])),
    },
  }
}

export function json(file) {
  return JSON.parse(readFileSync(`${ROOT}${file}`, 'utf8'))
}

function nameIn(folder) {
  return json(`${folder}/package.json`).name
}

/** A plugin that says `./dist/hooks/doctor.js` where its code is `src/hooks/doctor.ts`. */
function bundled(folder, source, suffix) {
  const {hooks = {}} = json(`${folder}/package.json`).oclif
  const files = Object.entries(hooks).map(([event, file]) => [
    event,
    `${folder}/${source}/${file.split('/').slice(2).join('/').replace(/\.js$/, suffix)}`,
  ])
  return {folder, commands: commandsIn(`${folder}/${source}/commands`), hooks: Object.fromEntries(files)}
}

/** Ids and files, in the order of ids. `backends/index.ts` is the command `backends`. */
function commandsIn(folder) {
  return readdirSync(`${ROOT}${folder}`, {recursive: true, encoding: 'utf8'})
    .filter((file) => /(?<!\.d)\.[jt]s$/.test(file))
    .map((file) => file.replaceAll('\\', '/'))
    .map((file) => [file.replace(/(\/index)?\.[jt]s$/, '').replaceAll('/', ':'), `${folder}/${file}`])
    .sort(([a], [b]) => (a < b ? -1 : 1))
}
