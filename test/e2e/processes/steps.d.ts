export function beforeEachStep(act: (number: number, name: string, args: unknown[]) => void): () => void
