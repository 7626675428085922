/** Calendar days as people type them in the grid, always read as ISO days; no time zone is involved. */

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

export const DAY_HINT = 'Type a day: 2026-10-05, 5 Oct, 5.10.2026, 5 (same month) or +1m, -3d.'

export const WHOLE_DAY_HINT = 'A pasted date needs day, month and year, as in 2026-10-05 or 5 Oct 2026.'

function iso(year: number, month: number, day: number): string | undefined {
  const date = new Date(Date.UTC(year, month - 1, day))
  const isReal =
    date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
  return isReal ? date.toISOString().slice(0, 10) : undefined
}

function lastDay(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate()
}

/** Shifting by months keeps the day, or takes the last day of a shorter month. */
function shifted(from: string, sign: string, amount: number, unit: string): string | undefined {
  const [year = 0, month = 1, day = 1] = from.split('-').map(Number)
  const step = sign === '-' ? -amount : amount
  if (unit !== 'm') {
    return new Date(Date.UTC(year, month - 1, day + step)).toISOString().slice(0, 10)
  }
  const first = new Date(Date.UTC(year, month - 1 + step, 1))
  const [newYear, newMonth] = [first.getUTCFullYear(), first.getUTCMonth() + 1]
  return iso(newYear, newMonth, Math.min(day, lastDay(newYear, newMonth)))
}

/** The ISO day of what was typed, relative to `reference` (an ISO day) where the text leaves something out. */
export function readDay(typed: string, reference: string): string | undefined {
  const text = typed.trim().toLowerCase()
  const [year = 0, month = 1] = reference.split('-').map(Number)
  const full = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text)
  if (full) return iso(Number(full[1]), Number(full[2]), Number(full[3]))
  const dotted = /^(\d{1,2})\.(\d{1,2})\.(\d{4})?$/.exec(text)
  if (dotted) return iso(dotted[3] ? Number(dotted[3]) : year, Number(dotted[2]), Number(dotted[1]))
  const named = /^(\d{1,2})\s*([a-z]{3,9})\.?\s*(\d{4})?$/.exec(text)
  if (named) {
    const index = MONTHS.indexOf((named[2] ?? '').slice(0, 3))
    return index < 0 ? undefined : iso(named[3] ? Number(named[3]) : year, index + 1, Number(named[1]))
  }
  if (/^\d{1,2}$/.test(text)) return iso(year, month, Number(text))
  const shift = /^([+-])(\d{1,3})([dm]?)$/.exec(text)
  if (shift) return shifted(reference, shift[1] ?? '+', Number(shift[2]), shift[3] ?? 'd')
  return undefined
}

type Read = { value: string } | { refusal: string }

const FULL_YEAR = /\d{4}/

/**
 * The ISO day of a text from elsewhere. It must be a whole date: a bare 5 is more likely a quantity from the
 * wrong column than a day. Slashed dates mean different days in different countries, so only those are read
 * that can mean one.
 */
export function readPastedDay(pasted: string): Read {
  const text = pasted.trim().replace(/[T ]00:00(:00(\.0+)?)?Z?$/, '')
  const spelled = text
    .replace(/^(\d{4})[/.](\d{1,2})[/.](\d{1,2})$/, '$1-$2-$3')
    .replace(/^(\d{1,2})-([A-Za-z]+)-/, '$1 $2 ')
  const monthFirst = spelled.replace(/^([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})$/, '$2 $1 $3')
  const slashed = /^(\d{1,2})[/-](\d{1,2})[/-](\d{4})$/.exec(text)
  if (slashed) return readSlashed(Number(slashed[1]), Number(slashed[2]), Number(slashed[3]))
  const day = FULL_YEAR.test(monthFirst) ? readDay(monthFirst, '2000-01-01') : undefined
  return day ? { value: day } : { refusal: WHOLE_DAY_HINT }
}

function readSlashed(first: number, second: number, year: number): Read {
  const dayFirst = iso(year, second, first)
  const monthFirst = iso(year, first, second)
  if (dayFirst && monthFirst && dayFirst !== monthFirst) {
    return { refusal: `This can be ${dayFirst} or ${monthFirst}: write it as one of them.` }
  }
  const day = dayFirst ?? monthFirst
  return day ? { value: day } : { refusal: WHOLE_DAY_HINT }
}
