import {readFileSync} from 'node:fs'
import {register} from 'node:module'
import {join} from 'node:path'
import {fileURLToPath, pathToFileURL} from 'node:url'
import {MessageChannel, receiveMessageOnPort} from 'node:worker_threads'
import type {BackendEntry} from 'clinvk-kit/backends/discover'

/** An import of a module, or one that stands in its code and was not run. */
export interface Import {
  /** As it stands in the code. */
  readonly specifier: string
  /** Path of the module that imports it. */
  readonly parent: string
}

/** What the module of a backend imports, directly and by others; undefined before `startRecording`. */
export type ImportsOf = (entry: BackendEntry) => Import[]

/** Has Node tell from now on which module imports which. */
export function startRecording(): ImportsOf {
  const {port1: ours, port2: port} = new MessageChannel()
  ours.unref()
  register(new URL('record-imports.js', import.meta.url), {data: {port}, transferList: [port]})
  const edges: Edge[] = []
  return ({descriptor, root}) => {
    for (let told = receiveMessageOnPort(ours); told; told = receiveMessageOnPort(ours))
      edges.push(told.message as Edge)
    const reached = new Set([pathToFileURL(join(root, descriptor.module ?? '')).href])
    for (const url of reached)
      for (const edge of edges)
        if (edge.parent === url && edge.url?.startsWith('file:')) reached.add(edge.url)
    const run = edges.filter(({parent}) => reached.has(parent))
    const written = [...reached].flatMap((parent) =>
      specifiersIn(parent).map((specifier) => ({specifier, parent})),
    )
    return [...run, ...written].map(({parent, specifier}) => ({specifier, parent: fileURLToPath(parent)}))
  }
}

interface Edge {
  readonly specifier: string
  readonly parent: string
  readonly url?: string
}

/** Imports of a module that may run later, and what a CommonJS module requires. */
function specifiersIn(url: string): string[] {
  let code: string
  try {
    code = readFileSync(fileURLToPath(url), 'utf8')
  } catch {
    return []
  }

  const bare = code.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  return [...bare.matchAll(/\b(?:import|require)\s*\(\s*['"]([^'"]+)['"]/g)].map(
    ([, specifier]) => specifier!,
  )
}
