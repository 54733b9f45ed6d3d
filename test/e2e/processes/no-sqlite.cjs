// Loaded into a process (`node --require`) that shall find no SQLite: neither Node's own nor the package.
const Module = require('node:module')

const {getBuiltinModule} = process
process.getBuiltinModule = (name) => (name === 'node:sqlite' ? undefined : getBuiltinModule(name))
const resolve = Module._resolveFilename
Module._resolveFilename = (name, ...rest) => {
  if (name === 'libsql') throw new Error('libsql is not installed')
  return resolve(name, ...rest)
}
