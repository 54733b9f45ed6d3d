#!/usr/bin/env node
const module = process.getBuiltinModule('node:module')
const {fileURLToPath} = process.getBuiltinModule('node:url')

if (module.enableCompileCache) {
  const {compileCacheDirectory} = await import('./compile-cache.js')
  const directory = compileCacheDirectory(process.env)
  if (directory !== undefined) module.enableCompileCache(directory)
}

const {runProcess} = await import('../dist/chunks/run-process.js')
await runProcess(fileURLToPath(new URL('..', import.meta.url)))
