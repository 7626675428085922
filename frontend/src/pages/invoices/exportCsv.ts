/** The lines of the current filter as a CSV file, read window by window. */

import { answer, api } from '@/api/client'
import { filterQuery, type InvoiceLine, type LineFilter, type LineSort } from '@/api/lines'
import { asText } from '@/grid/clipboard'
import { CSV_COLUMNS } from './columns'

function csvCell(value: string): string {
  const safe = asText(value)
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

export function toCsv(lines: InvoiceLine[]): string {
  const rows = lines.map((line) => CSV_COLUMNS.map(([, value]) => csvCell(value(line))).join(','))
  return [CSV_COLUMNS.map(([title]) => csvCell(title)).join(','), ...rows].join('\r\n')
}

export async function exportLines(filter: LineFilter, sort: LineSort | undefined): Promise<number> {
  const lines: InvoiceLine[] = []
  let cursor: string | undefined
  do {
    const query = { ...filterQuery(filter), sort, limit: 1000, cursor }
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
