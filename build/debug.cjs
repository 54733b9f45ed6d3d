// `debug` in the bundle: oclif asks it for a function a place that could say something. The package asks for a
// terminal and loads what knows of streams, only to say nothing, unless DEBUG is set.
module.exports = process.env.DEBUG ? require('debug') : () => () => undefined
