#!/usr/bin/env node
// CommonJS, as all that runs on the way of a command: Node 20 takes three milliseconds to get ES modules going.
const {dirname} = require('node:path')
const {start} = require('../dist/bundle/start.cjs')

start(dirname(__dirname))
