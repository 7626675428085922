/** The lines of the current filter as a CSV file, read window by window. */

import { answer, api } from '@/api/client'
import { filterQuery, orderQuery, type InvoiceLine, type LineFilter, type LineOrder } from '@/api/lines'
import { CSV_COLUMNS } from './columns'

/** A cell that begins like a formula is marked as text: names come from elsewhere. Figures stay figures. */
function csvCell(value: string): string {
  const isFigure = /^-?\d+(\.\d+)?$/.test(value)
  const safe = !isFigure && /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

export function toCsv(lines: InvoiceLine[]): string {
  const rows = lines.map((line) => CSV_COLUMNS.map(([, value]) => csvCell(value(line))).join(','))
  return [CSV_COLUMNS.map(([title]) => csvCell(title)).join(','), ...rows].join('\r\n')
}

export async function exportLines(filter: LineFilter, sort: LineOrder | undefined): Promise<number> {
  const lines: InvoiceLine[] = []
  let cursor: string | undefined
  do {
    const query = { ...filterQuery(filter), sort: orderQuery(sort), limit: 1000, cursor }
    const page = await answer(api.GET('/api/v1/invoice-lines', { params: { query } }))
    lines.push(...page.items)
    cursor = page.next_cursor ?? undefined
  } while (cursor)
  // The mark at the start tells Excel that the text is UTF-8.
  const file = new Blob(['\ufeff', toCsv(lines)], { type: 'text/csv;charset=utf-8' })
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = `tieout-lines-${filter.period}.csv`
  link.click()
  URL.revokeObjectURL(link.href)
  return lines.length
}
