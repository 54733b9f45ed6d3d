import type {ResolveHook} from 'node:module'
import type {MessagePort} from 'node:worker_threads'

/** Runs in Node's own thread for loading modules: tells who imports what. */
export function initialize({port}: {port: MessagePort}): void {
  told = port
}

export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  const {parentURL: parent} = context
  // Told before it is resolved: what is not there was asked for all the same.
  if (parent !== undefined) told?.postMessage({specifier, parent})
  const resolved = await nextResolve(specifier, context)
  if (parent !== undefined) told?.postMessage({specifier, parent, url: resolved.url})
  return resolved
}

let told: MessagePort | undefined
