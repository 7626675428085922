/** Exact arithmetic on decimal strings. Amounts are text from the wire to the screen; a float never holds one. */

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/

interface Scaled {
  units: bigint
  scale: number
}

function scaled(value: string): Scaled {
  const match = DECIMAL.exec(value.trim())
  if (!match) throw new RangeError(`Not a decimal amount: ${value}`)
  const [, sign = '', whole = '0', fraction = ''] = match
  const units = BigInt(whole + fraction)
  return { units: sign ? -units : units, scale: fraction.length }
}

function text({ units, scale }: Scaled): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  const fraction = scale ? `.${digits.slice(-scale)}` : ''
  return `${units < 0n ? '-' : ''}${whole}${fraction}`
}

/** Sum of two decimal strings, with as many decimals as the finer one. */
export function add(left: string, right: string): string {
  const a = scaled(left)
  const b = scaled(right)
  const scale = Math.max(a.scale, b.scale)
  const units = a.units * 10n ** BigInt(scale - a.scale) + b.units * 10n ** BigInt(scale - b.scale)
  return text({ units, scale })
}

export function negate(value: string): string {
  const { units, scale } = scaled(value)
  return text({ units: -units, scale })
}

export function isZero(value: string): boolean {
  return scaled(value).units === 0n
}

/** ISO 4217 code → total. */
export type Amounts = Record<string, string>

/** Sums per currency: money of two currencies is never added up. */
export function addAmounts(...parts: Amounts[]): Amounts {
  const totals: Amounts = {}
  for (const part of parts) {
    for (const [currency, amount] of Object.entries(part)) {
      totals[currency] = add(totals[currency] ?? '0', amount)
    }
  }
  return totals
}

/** `part` of `whole` between 0 and 1, for drawing a bar only. */
export function share(part: string, whole: string): number {
  const a = scaled(part)
  const b = scaled(whole)
  const denominator = b.units * 10n ** BigInt(a.scale)
  if (denominator === 0n) return 0
  const permille = (a.units * 10n ** BigInt(b.scale) * 1000n) / denominator
  return Math.min(1, Math.max(0, Number(permille) / 1000))
}
