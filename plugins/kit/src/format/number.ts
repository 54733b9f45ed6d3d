/** `1,234,567`: digits in groups of three, without loading Intl. */
export function formatNumber(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',')
}
