/** The one place where money and dates become text. Amounts arrive as decimal strings and are never parsed. */

import { byCurrency, type Amounts } from './exact'

const LOCALE = 'en-US'

/** `Intl` takes a decimal string digit by digit; only its type asks for a literal. */
type Decimal = Intl.StringNumericLiteral

/** A charge may be finer than its currency: nothing is rounded away on a screen. */
const FINEST = 12

const moneyFormats = new Map<string, Intl.NumberFormat>()

function minorUnits(currency: string): number {
  try {
    const format = new Intl.NumberFormat(LOCALE, { style: 'currency', currency })
    return format.resolvedOptions().maximumFractionDigits ?? 2
  } catch {
    return 2 // not an ISO 4217 code: show it as most currencies are shown
  }
}

function moneyFormat(currency: string): Intl.NumberFormat {
  let format = moneyFormats.get(currency)
  if (!format) {
    const digits = minorUnits(currency)
    format = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: digits, maximumFractionDigits: FINEST })
    moneyFormats.set(currency, format)
  }
  return format
}

const MINUS = '\u2212'

function withTrueMinus(text: string): string {
  return text.replace('-', MINUS)
}

/** `12,345.60`: for cells that show the currency beside it. */
export function formatAmount(amount: string, currency: string): string {
  return withTrueMinus(moneyFormat(currency).format(amount as Decimal))
}

/** `12,345.60 EUR`: for sentences. */
export function formatMoney(amount: string, currency: string): string {
  return `${formatAmount(amount, currency)} ${currency}`
}

/** `12,345.60 EUR + 40.00 USD`; money of two currencies is listed, never added up. */
export function formatAmounts(amounts: Amounts, between = ' + '): string {
  const parts = byCurrency(amounts).map(([currency, amount]) => formatMoney(amount, currency))
  return parts.length ? parts.join(between) : '0.00'
}

const unitPriceFormat = new Intl.NumberFormat(LOCALE, { minimumFractionDigits: 2, maximumFractionDigits: 8 })
const quantityFormat = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 8 })
const countFormat = new Intl.NumberFormat(LOCALE)

/** A price per unit keeps every digit it was invoiced with. */
export function formatUnitPrice(price: string): string {
  return withTrueMinus(unitPriceFormat.format(price as Decimal))
}

export function formatQuantity(quantity: string): string {
  return withTrueMinus(quantityFormat.format(quantity as Decimal))
}

export function formatCount(count: number): string {
  return countFormat.format(count)
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `05 Oct 2026` from an ISO day. A calendar day has no time zone, so none is applied. */
export function formatDay(day: string | null | undefined): string {
  if (!day) return ''
  const [year, month, date] = day.slice(0, 10).split('-')
  return `${date} ${MONTHS[Number(month) - 1]} ${year}`
}

/** `01 – 31 Oct 2026`, `15 Oct – 14 Nov 2026`, `01 Dec 2026 – 28 Feb 2027`: what both days share is said once. */
export function formatDays(first: string, last: string): string {
  const [from, to] = [formatDay(first), formatDay(last)]
  if (first === last) return from
  const shared = first.slice(0, 7) === last.slice(0, 7) ? 2 : first.slice(0, 4) === last.slice(0, 4) ? 6 : 11
  return `${from.slice(0, shared)} – ${to}`
}

const periodFormat = new Intl.DateTimeFormat(LOCALE, { month: 'long', year: 'numeric', timeZone: 'UTC' })

/** `October 2026` from `2026-10`. */
export function formatPeriod(period: string): string {
  const date = new Date(`${period}-01T00:00:00Z`)
  return Number.isNaN(date.getTime()) ? period : periodFormat.format(date)
}

/** The viewer's time zone, named wherever an instant is shown. */
export const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone

/** `05 Oct 2026 14:03` in the viewer's time zone. */
export function formatInstant(instant: string | null | undefined): string {
  if (!instant) return ''
  const date = new Date(instant)
  const day = String(date.getDate()).padStart(2, '0')
  const hour = String(date.getHours()).padStart(2, '0')
  const minute = String(date.getMinutes()).padStart(2, '0')
  return `${day} ${MONTHS[date.getMonth()]} ${date.getFullYear()} ${hour}:${minute}`
}

const relativeFormat = new Intl.RelativeTimeFormat(LOCALE, { numeric: 'auto', style: 'narrow' })
const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]

/** `3 min. ago`; below a minute `just now`. */
export function formatAgo(instant: string, now = Date.now()): string {
  const seconds = Math.round((new Date(instant).getTime() - now) / 1000)
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size) return relativeFormat.format(Math.trunc(seconds / size), unit)
  }
  return 'just now'
}

/** `1 min 12 s`, `0.8 s`. */
export function formatDuration(from: string | null, to: string | null, now = Date.now()): string {
  if (!from) return ''
  const milliseconds = (to ? new Date(to).getTime() : now) - new Date(from).getTime()
  const seconds = Math.max(0, milliseconds / 1000)
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  if (seconds < 60) return `${Math.round(seconds)} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 60
    ? `${minutes} min ${Math.round(seconds % 60)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
