import * as z from 'zod'
import type {Described} from '../http/route.js'

export function openApi(routes: readonly Described[], version: string): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const route of routes) {
    const [method = '', pattern = ''] = route.on.split(' ')
    const path = pattern.replaceAll(/:(\w+)(?:\{\.\+\})?/g, '{$1}')
    paths[path] = {...paths[path], [method.toLowerCase()]: operation(route, method.toLowerCase(), path)}
  }
  return {
    openapi: '3.1.0',
    info: {title: 'clinvk', version, description: 'Turns, runs and sessions of AI coding agents.'},
    paths,
    security: [{bearer: []}, {key: []}],
    components: {
      securitySchemes: {
        bearer: {type: 'http', scheme: 'bearer'},
        key: {type: 'apiKey', in: 'header', name: 'x-api-key'},
      },
      schemas: {Error: ERROR},
    },
  }
}

function operation(
  {body, isOfVendor, query, streams, summary}: Described,
  method: string,
  path: string,
): object {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: {type: 'string', minLength: 1},
  }))
  const data = {'application/json': {schema: {type: 'object'}}}
  const events = streams ? {'text/event-stream': {schema: {type: 'string'}}} : {}
  const answer = {description: 'What was asked for.', content: {...data, ...events}}
  return {
    operationId: `${method}${path.replaceAll(/\/(?:api\/v1\/)?\{?(\w+)\}?(?:\.\w+)?/g, (_, word: string) => `_${word}`)}`,
    summary,
    parameters: [...inPath, ...(query ? parametersOf(query) : [])],
    requestBody: body && {required: true, content: {'application/json': {schema: jsonSchema(body)}}},
    security: path === '/health' ? [] : undefined,
    responses: {
      200: answer,
      202: {...answer, description: 'It runs, or ends.'},
      default: {
        description: 'What went wrong.',
        content: {
          'application/json': {schema: isOfVendor ? {type: 'object'} : {$ref: '#/components/schemas/Error'}},
        },
      },
    },
  }
}

function parametersOf(query: z.ZodType): object[] {
  const {properties = {}, required = []} = jsonSchema(query)
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }))
}

function jsonSchema(schema: z.ZodType): {properties?: Record<string, object>; required?: string[]} {
  const {$schema: _, ...rest} = z.toJSONSchema(schema, {io: 'input', unrepresentable: 'any'})
  return rest as object
}

const ERROR = jsonSchema(
  z.looseObject({
    error: z.looseObject({
      code: z.string().describe('Finer than the kind.').optional(),
      kind: z.string().describe('As in error.kind of clinvk.'),
      message: z.string(),
      hints: z.array(z.string()).describe('What to do next.').optional(),
    }),
  }),
)
