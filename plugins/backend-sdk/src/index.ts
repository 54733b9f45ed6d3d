export * from './conversation.js'
export * from './parse.js'
export * from './plan.js'
export * from './reader.js'
