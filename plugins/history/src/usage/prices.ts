import type {Settings} from 'clinvk-kit/settings/settings'
import type {LedgerRow} from './ledger.js'

/** What model calls are worth at the prices of the providers' APIs. A subscription costs nothing by the token. */
export interface Worth {
  /** US dollars, of those calls for which it is known; absent where it is known for none. */
  readonly usd?: number
  /** Reported by the agent, computed from prices (at least in part), or unknown for all. */
  readonly source: 'reported' | 'computed' | 'unknown'
  /** Calls for which it is not known. */
  readonly unpriced: number
}

/** US dollars for a million tokens; tiers go by the input of a call. */
interface Rates {
  readonly input: Rate
  readonly cached?: Rate
  readonly write?: Rate
  readonly write1h?: Rate
  readonly output: Rate
}

type Rate = number | {readonly base: number; readonly tiers: readonly {start: number; price: number}[]}

/**
 * What values one call: the user's own prices come first, then what the agent has reported, then the table of
 * genai-prices as it was at the time of the call. The table's own function takes too long for hundreds of thousands
 * of calls, so this asks it once for a model.
 */
export async function valuer(own: Settings['prices']): Promise<(row: LedgerRow) => Worth> {
  const {calcPrice} = await import('@pydantic/genai-prices')
  const known = new Map<string, Rates | undefined>()

  const ratesOf = (model: string, at: string): Rates | undefined => {
    // Some prices hold for hours of the day.
    const hour = `${model} ${at.slice(0, 13)}`
    for (const key of [model, hour]) if (known.has(key)) return known.get(key)
    const find = (name: string) => calcPrice({}, name, {timestamp: new Date(at)})
    // opencode and gateways put the provider before it.
    const found = find(model) ?? find(model.slice(model.lastIndexOf('/') + 1))
    const table = (found?.model_price ?? {}) as Record<string, Rate | undefined>
    const mine = Object.hasOwn(own, model) ? own[model]! : {}
    const input = mine.input ?? table.input_mtok
    const output = mine.output ?? table.output_mtok
    const rates = input !== undefined &&
      output !== undefined && {
        input,
        output,
        cached: mine.cached ?? table.cache_read_mtok,
        write: mine.cache_write ?? table.cache_write_mtok,
        write1h: mine.cache_write_1h ?? table.cache_write_1h_mtok,
      }
    known.set(Array.isArray(found?.model.prices) ? hour : model, rates || undefined)
    return rates || undefined
  }

  return (row) => {
    const {at, cost, input, model = '', output} = row
    if (cost !== undefined && !Object.hasOwn(own, model)) return {usd: cost, source: 'reported', unpriced: 0}
    const isCounted = input !== undefined || output !== undefined
    const rates = isCounted ? ratesOf(model, at) : undefined
    if (!rates) return {source: 'unknown', unpriced: 1}
    return {usd: valueOf(row, rates), source: 'computed', unpriced: 0}
  }
}

function valueOf(
  {cached = 0, input = 0, output = 0, write = 0, write1h = 0}: LedgerRow,
  rates: Rates,
): number {
  const price = (tokens: number, rate: Rate = rates.input) => {
    if (typeof rate === 'number') return tokens * rate
    return (
      tokens * rate.tiers.reduce((before, {price: next, start}) => (input > start ? next : before), rate.base)
    )
  }
  const fresh = Math.max(0, input - cached - write - write1h)
  const sent = price(fresh) + price(cached, rates.cached) + price(write, rates.write)
  return (sent + price(write1h, rates.write1h ?? rates.write) + price(output, rates.output)) / 1e6
}

/** Of several calls together. */
export function sumWorth(worths: readonly Worth[]): Worth {
  const known = worths.flatMap(({usd}) => usd ?? [])
  const unpriced = worths.reduce((sum, worth) => sum + worth.unpriced, 0)
  if (known.length === 0) return {source: 'unknown', unpriced}
  const isReported = worths.every(({source}) => source !== 'computed')
  return {
    usd: known.reduce((sum, usd) => sum + usd, 0),
    source: isReported ? 'reported' : 'computed',
    unpriced,
  }
}

/** `$1,234.56`, with more digits below a cent; `+` where there is more that is not known; `unknown`. */
export function worthText({unpriced, usd}: Worth): string {
  if (usd === undefined) return 'unknown'
  if (usd > 0 && usd < 0.0001) return '<$0.0001'
  const text = usd.toFixed(usd > 0 && usd < 0.01 ? 4 : 2)
  return `$${text.replace(/\B(?=(\d{3})+\.)/g, ',')}${unpriced > 0 ? '+' : ''}`
}
