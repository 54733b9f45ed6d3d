/** A value as it is after JSON: fields that are undefined are absent. */
export function asJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}
