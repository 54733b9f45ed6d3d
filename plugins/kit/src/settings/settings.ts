import type {z} from 'zod/mini'
import {SCHEMA_DEFAULTS} from './generated.js'
import type {settingsSchema} from './schema.js'

/** The settings of `config.yaml`, with the key names of the file (`docs/reference/configuration.md`). */
export type Settings = DeepReadonly<z.output<typeof settingsSchema>>

export type OutputFormat = Exclude<Settings['output']['format'], 'default'>

export const DEFAULTS: Settings = SCHEMA_DEFAULTS

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? {readonly [Key in keyof T]: DeepReadonly<T[Key]>}
    : T
