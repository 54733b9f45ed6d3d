import {isAbsolute} from 'node:path'
import type {ServerContext} from '@modelcontextprotocol/server'
import * as z from 'zod'
import type {ToolContext} from './tool-context.js'

/** Name and description are what clients search, and all of it stands in the context of each of them. */
export interface Tool<Input extends z.ZodObject = z.ZodObject> {
  readonly name: string
  /** Less than 300 characters; all tools together have less than 6 KB. */
  readonly description: string
  readonly input: Input
  readonly isReadOnly?: boolean
  /** What it throws as a Failure is told as a sentence with what to do next. */
  readonly run: (input: z.output<Input>, context: ToolContext, call: ToolCall) => Promise<ToolAnswer>
}

export type ToolCall = ServerContext['mcpReq']

/** What a tool answers: one JSON object, as text. */
export interface ToolAnswer {
  readonly data: Readonly<Record<string, unknown>>
  /** Whether the agent that asked should know at once that it has not got what it wanted. */
  readonly isError?: boolean
}

/** Keeps the types of the input for the function. */
export function tool<Input extends z.ZodObject>(one: Tool<Input>): Tool {
  return one
}

/** The beginning of a text, at most this many units of UTF-16, and no half of a character. */
export function beginning(text: string, length: number): string {
  if (text.length <= length) return text
  const isHalf = text.charCodeAt(length - 1) >> 10 === 0xd800 >> 10
  return text.slice(0, isHalf ? length - 1 : length)
}

/** What is worth a client's context: some 5,000 tokens. */
export const ANSWER_LENGTH = 20_000

export const text = z.string().min(1)
export const directory = z.string().refine(isAbsolute, 'must be absolute').describe('Absolute.').optional()
export const seconds = z.number().min(0).max(3600).default(50)
export const since = text.optional().describe('2026-01-31, or 7d, 12h ago.')
export const limit = (value: number) => z.int().min(1).max(200).default(value)
