// Takes the place of a module of the MCP SDK that contains all of ajv, which is a third of it: our server never asks a
// client for what would have to be validated.
export {default as process} from 'node:process'

export class DefaultJsonSchemaValidator {}
