// `node:fs/promises` in the bundle, as far as oclif uses it to start: it reads some small files, which takes
// microseconds, and Node takes milliseconds to load what reads them in the background. What is no file may take
// for ever, so that is still read there.
const {readFileSync, statSync} = require('node:fs')

exports.readFile = async (path, options) =>
  statSync(path).isFile() ? readFileSync(path, options) : require('node:fs/promises').readFile(path, options)
for (const name of ['access', 'readdir', 'stat'])
  exports[name] = (...words) => require('node:fs/promises')[name](...words)
