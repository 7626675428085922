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

/** ISO 4217 code → total. */
export type Amounts = Record<string, string>

/** Currencies in one order everywhere, so that figures of the same currency stand under each other. */
export function byCurrency(amounts: Amounts): [currency: string, amount: string][] {
  return Object.entries(amounts).sort(([a], [b]) => a.localeCompare(b))
}

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

export function negate(value: string): string {
  const { units, scale } = scaled(value)
  return text({ units: -units, scale })
}

export function negateAmounts(amounts: Amounts): Amounts {
  return Object.fromEntries(Object.entries(amounts).map(([currency, value]) => [currency, negate(value)]))
}

/** -1, 0 or 1. */
export function signOf(value: string): -1 | 0 | 1 {
  const { units } = scaled(value)
  return units < 0n ? -1 : units > 0n ? 1 : 0
}

/**
 * Share in percent with one decimal, never rounded up: 99.96 % is not everything.
 * None where credits make it meaningless, as with a part greater than the whole.
 */
export function percentOf(part: string, whole: string): string | undefined {
  const a = scaled(part)
  const b = scaled(whole)
  const scale = Math.max(a.scale, b.scale)
  const [partUnits, wholeUnits] = [
    a.units * 10n ** BigInt(scale - a.scale),
    b.units * 10n ** BigInt(scale - b.scale),
  ]
  if (wholeUnits <= 0n || partUnits < 0n || partUnits > wholeUnits) return undefined
  return text({ units: (partUnits * 1000n) / wholeUnits, scale: 1 })
}
