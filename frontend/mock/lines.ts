/** Lines: filter, sort, windows by cursor, totals, edits with versions. */

import { http, HttpResponse } from 'msw'
import { effective, tally, type Line, type World } from './world.ts'
import { problem } from './problem.ts'

export function matches(line: Line, query: URLSearchParams): boolean {
  const has = (name: string, value: string) => !query.get(name) || query.get(name) === value
  const search = query.get('search')?.toLowerCase()
  const text =
    `${line.organization} ${line.subscription} ${line.invoice_number} ${line.description}`.toLowerCase()
  const reason = query.get('hold_reason')
  return (
    has('status', line.status) &&
    has('organization', line.organization_id) &&
    has('charge_type', line.charge_type) &&
    has('currency', line.currency) &&
    (!reason || line.hold_reasons.some((held) => held === reason)) &&
    (!search || text.includes(search))
  )
}

function compare(key: string) {
  const sign = key.startsWith('-') ? -1 : 1
  const field = key.replace('-', '') as keyof Line
  return (a: Line, b: Line): number => {
    const [left, right] = [String(a[field] ?? ''), String(b[field] ?? '')]
    const order = field === 'total' ? Number(left) - Number(right) : left.localeCompare(right)
    return sign * order
  }
}

export function lineHandlers(world: World) {
  const found = (url: URL): Line[] => {
    const lines = world.lines.get(url.searchParams.get('period') ?? '') ?? []
    return lines.filter((line) => matches(line, url.searchParams))
  }
  return [
    http.get('*/api/v1/invoice-lines/totals', ({ request }) => {
      const lines = found(new URL(request.url))
      const statuses = Object.groupBy(lines, (line) => line.status)
      const reasons = Object.groupBy(
        lines.flatMap((line) => line.hold_reasons.map((reason) => ({ reason, line }))),
        ({ reason }) => reason,
      )
      return HttpResponse.json({
        lines: lines.length,
        by_status: Object.fromEntries(Object.entries(statuses).map(([name, part]) => [name, tally(part)])),
        hold_reasons: Object.fromEntries(
          Object.entries(reasons).map(([name, part]) => [name, tally(part.map(({ line }) => line))]),
        ),
      })
    }),
    http.get('*/api/v1/invoice-lines', ({ request }) => {
      const url = new URL(request.url)
      const sort = url.searchParams.get('sort')
      const lines = found(url)
      if (sort) lines.sort(compare(sort))
      const from = Number(url.searchParams.get('cursor') ?? 0)
      const limit = Number(url.searchParams.get('limit') ?? 200)
      const end = from + limit
      return HttpResponse.json({
        items: lines.slice(from, end),
        next_cursor: end < lines.length ? String(end) : null,
      })
    }),
    http.get('*/api/v1/invoice-lines/:id', ({ params }) => {
      const line = [...world.lines.values()].flat().find(({ id }) => id === params.id)
      return line
        ? HttpResponse.json(line)
        : problem(404, 'line_not_found', 'There is no such line.', 'Load the month again.')
    }),
    http.patch('*/api/v1/invoice-lines/:id', async ({ params, request }) => {
      const body = (await request.json()) as Record<string, unknown> & { version: number }
      const all = [...world.lines.values()].flat()
      const line = all.find(({ id }) => id === params.id)
      if (!line) return problem(404, 'line_not_found', 'There is no such line.', 'Load the month again.')
      if (body.version !== line.version) {
        return problem(409, 'stale_version', 'Somebody changed this line.', 'Look at it again.', {
          current: line,
        })
      }
      edit(line, body)
      return HttpResponse.json({ ...line })
    }),
  ]
}

export function edit(line: Line, body: Record<string, unknown>): void {
  for (const name of ['charge_start_date', 'charge_end_date'] as const) {
    if (!(name in body)) continue
    const user = (body[name] ?? null) as string | null
    const field = line.provenance[name]
    const origin = user ? 'user' : field.system ? 'system' : 'source'
    line.provenance = { ...line.provenance, [name]: { ...field, user, provenance: origin } }
    line[name] = effective(line.provenance[name])
  }
  if ('agreement_id' in body) line.agreement_id = body.agreement_id as string | null
  if (typeof body.excluded === 'boolean') line.excluded = body.excluded
  if (body.excluded === true) line.status = 'excluded'
  if (body.excluded === false) line.status = line.hold_reasons.length ? 'held' : 'ready'
  line.version += 1
}
