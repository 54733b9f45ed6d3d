import type {TurnOutput} from 'clinvk-kit/turn/context'

const ignore = () => undefined

/** Of a turn of which only the result is told. */
export const SILENT: TurnOutput = {
  needsContent: true,
  start: ignore,
  event: ignore,
  notice: ignore,
  done: ignore,
}
