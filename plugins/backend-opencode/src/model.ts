import type {Refusal} from 'clinvk-contract'

/** opencode 1.18 names models by their provider, and has no names like `fast` that mean one of several. */
export function withoutProvider(model: string | undefined): Refusal | undefined {
  if (model === undefined || /^[^/]+\/./.test(model)) return undefined
  return {
    kind: 'refusal',
    option: `--model ${model}`,
    reason: 'OpenCode has models of many providers and wants the provider with the name: provider/model',
    instead: 'See which there are: opencode models',
  }
}
