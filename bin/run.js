#!/usr/bin/env node
import module from 'node:module'
import {fileURLToPath} from 'node:url'

if (module.enableCompileCache) {
  const {compileCacheDirectory} = await import('./compile-cache.js')
  const directory = compileCacheDirectory(process.env)
  if (directory !== undefined) module.enableCompileCache(directory)
}

const {runProcess} = await import('../dist/run-process.js')
await runProcess(fileURLToPath(new URL('..', import.meta.url)))
