/** Calendar days as people type them in the grid, always read as ISO days; no time zone is involved. */

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

export const DAY_HINT = 'Type a day: 2026-10-05, 5 Oct, 5.10.2026, 5 (same month) or +1m, -3d.'

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
