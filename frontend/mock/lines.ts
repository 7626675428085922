/** Lines: filter, sort, windows by cursor, totals, edits with versions. */

import { http, HttpResponse } from 'msw'
import { cents, effective, tally, type Line, type World } from './world.ts'
import type { Schemas } from '../src/api/client.ts'
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
    (!query.get('total_min') || Number(line.total) >= Number(query.get('total_min'))) &&
    (!query.get('total_max') || Number(line.total) <= Number(query.get('total_max'))) &&
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

function total(lines: Line[]) {
  const byStatus = facet(lines, (line) => [line.status])
  const held = facet(lines, (line) => line.hold_reasons)
  return {
    lines: lines.length,
    amounts: tally(lines).amounts,
    by_status: Object.fromEntries(byStatus.map(({ value, lines: part }) => [value, part])),
    hold_reasons: Object.fromEntries(held.map(({ value, lines: part }) => [value, part])),
  }
}

function facet(lines: Line[], valuesOf: (line: Line) => string[]) {
  const parts = Object.groupBy(
    lines.flatMap((line) => valuesOf(line).map((value) => ({ value, line }))),
    ({ value }) => value,
  )
  return Object.entries(parts)
    .map(([value, part = []]) => ({ value, lines: tally(part.map(({ line }) => line)) }))
    .sort((a, b) => b.lines.count - a.lines.count)
}

/** A field of each kind that the page draws differently. */
const FIELDS = [
  field('organization', 'Organization', 'name', ['any', 'not', 'contains'], { group: true }),
  field('charge_type', 'Charge type', 'set', ['any', 'not'], { facet: true, group: true }),
  field('total', 'Total', 'money', ['min', 'max']),
  field('charge_start_date', 'Charge start', 'date', ['from', 'to', 'empty']),
  field('vendor', 'Vendor', 'text', ['any', 'contains', 'empty']),
  field('is_recurring', 'Recurring', 'flag', ['any']),
]

function field(name: string, label: string, kind: string, operators: string[], more = {}) {
  const parameters = operators.map((operator) => [
    operator,
    operator === 'any' ? name : `${name}_${operator}`,
  ])
  return {
    ...{ name, label, kind, parameters: Object.fromEntries(parameters) as Record<string, string> },
    ...{ values: null, sortable: true, facet: false, group: false, ...more },
  }
}

export function lineHandlers(world: World) {
  const views: Schemas['LineViewOut'][] = []
  const found = (url: URL): Line[] => {
    const lines = world.lines.get(url.searchParams.get('period') ?? '') ?? []
    return lines.filter((line) => matches(line, url.searchParams))
  }
  return [
    http.get('*/api/v1/line-views', () => HttpResponse.json({ items: views })),
    http.post('*/api/v1/line-views', async ({ request }) => {
      const wanted = (await request.json()) as Schemas['LineViewIn']
      const owned = { owner: 'Ann', is_own: true, is_shared: false, version: 1 }
      views.push({ ...wanted, ...owned, id: `view-${views.length}`, updated_at: '2026-03-06T09:30:21Z' })
      return HttpResponse.json(views.at(-1), { status: 201 })
    }),
    http.get('*/api/v1/invoice-lines/filterable-fields', () => HttpResponse.json({ items: FIELDS })),
    http.get('*/api/v1/invoice-lines/groups', ({ request }) => {
      const url = new URL(request.url)
      const by = url.searchParams.get('by') as 'organization' | 'charge_type'
      const groups = Object.groupBy(found(url), (line) => line[by])
      return HttpResponse.json({
        items: Object.entries(groups).map(([name, part = []]) => ({
          key: by === 'organization' ? part[0]!.organization_id : name,
          name,
          lines: tally(part),
          ready: part.filter(({ status }) => status === 'ready').length,
          held: part.filter(({ status }) => status === 'held').length,
        })),
        next_cursor: null,
      })
    }),
    http.get('*/api/v1/invoice-lines/totals', ({ request }) => {
      const url = new URL(request.url)
      const without = (name: string) => {
        const wider = new URL(url)
        wider.searchParams.delete(name)
        return found(wider)
      }
      const month = new URL(`${url.origin}${url.pathname}?period=${url.searchParams.get('period') ?? ''}`)
      return HttpResponse.json({
        ...total(found(url)),
        month: total(found(month)),
        facets: {
          status: facet(without('status'), (line) => [line.status]),
          hold_reason: facet(without('hold_reason'), (line) => line.hold_reasons),
          charge_type: facet(without('charge_type'), (line) => [line.charge_type]),
        },
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
        previous_cursor: null,
      })
    }),
    http.get('*/api/v1/invoice-lines/:id', ({ params }) => {
      const line = [...world.lines.values()].flat().find(({ id }) => id === params.id)
      return line
        ? HttpResponse.json(line)
        : problem(404, 'line_not_found', 'There is no such line.', 'Load the month again.')
    }),
    http.get('*/api/v1/invoice-lines/:id/origins', ({ params }) => {
      const line = [...world.lines.values()].flat().find(({ id }) => id === params.id)!
      return HttpResponse.json(originsOf(line))
    }),
    http.post('*/api/v1/invoice-lines/:id/history/:edit/revert', ({ params }) => {
      const line = [...world.lines.values()].flat().find(({ id }) => id === params.id)!
      edit(line, { [String(params.edit).replace('edit-', '')]: null })
      return HttpResponse.json({ ...line })
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

const DATES = ['charge_start_date', 'charge_end_date'] as const
const OTHERS = [
  'quantity',
  'unit_price',
  'description',
  'bill_option',
  'taxable',
  'product_id',
  'agreement_id',
]

export function edit(line: Line, body: Record<string, unknown>): void {
  for (const name of DATES) {
    if (!(name in body)) continue
    const user = (body[name] ?? null) as string | null
    const field = line.provenance[name]
    const origin = user ? 'user' : field.system ? 'system' : 'source'
    line.provenance = { ...line.provenance, [name]: { ...field, user, provenance: origin } }
    line[name] = effective(line.provenance[name])
  }
  for (const name of [...DATES, ...OTHERS]) {
    if (!(name in body)) continue
    const rest = Object.fromEntries(Object.entries(line.decided).filter(([field]) => field !== name))
    line.decided = (body[name] ?? null) === null ? rest : { ...rest, [name]: body[name] }
  }
  decide(line)
  if ('agreement_id' in body) line.agreement_id = body.agreement_id as string | null
  if (typeof body.excluded === 'boolean') line.excluded = body.excluded
  if (body.excluded === true) line.status = 'excluded'
  if (body.excluded === false) line.status = line.hold_reasons.length ? 'held' : 'ready'
  line.version += 1
}

/** What follows from decisions, as far as a screen shows it. */
function decide(line: Line): void {
  const { quantity, unit_price, description, bill_option, taxable, product_id } =
    line.decided as Partial<Line>
  line.amount =
    (quantity ?? unit_price)
      ? cents(Math.round(Number(quantity ?? line.quantity) * Number(unit_price ?? line.unit_price) * 100))
      : line.total
  line.description = description ?? `${line.subscription} - ${line.charge_type}`
  line.bill_option = bill_option ?? 'Billable'
  line.taxable = taxable ?? true
  if (product_id) Object.assign(line, { product_id, product: `Product ${product_id}` })
}

/** Each field with what it could be; the mock knows no rules but those of dates. */
function originsOf(line: Line): Schemas['LineOriginsOut'] {
  const system = { bill_option: 'Billable', taxable: true, description: line.subscription, excluded: false }
  const items = [...DATES, ...OTHERS, 'excluded'].map((field): Schemas['FieldOrigin'] => {
    const dates =
      field === 'charge_start_date' || field === 'charge_end_date' ? line.provenance[field] : undefined
    const user = field === 'excluded' ? line.excluded || null : (line.decided[field] ?? null)
    const isSource = field === 'quantity' || field === 'unit_price'
    return {
      field,
      label: LABELS[field] ?? field,
      editor: 'text',
      provenance: dates?.provenance ?? (user !== null ? 'user' : isSource ? 'source' : 'system'),
      value: user,
      source: dates?.source ?? (isSource ? line[field] : null),
      system: dates?.system ?? (system as Record<string, Schemas['JsonValue']>)[field] ?? null,
      user,
      explanation: dates?.explanation ?? 'as it was charged',
      edit_id: user === null ? null : `edit-${field}`,
      decided_by: user === null ? null : 'Dana Reyes',
      decided_at: user === null ? null : '2026-11-20T10:00:00Z',
      reason: '',
      why_not: line.is_invoiced && !isSource ? 'ConnectWise has invoiced this line.' : '',
    }
  })
  return { line_id: line.id, version: line.version, rules_version: 3, items, names: {} }
}

const LABELS: Record<string, string> = {
  charge_start_date: 'Charge start',
  charge_end_date: 'Charge end',
  quantity: 'Quantity',
  unit_price: 'Unit price',
  description: 'Description',
  bill_option: 'Bill option',
  taxable: 'Taxable',
  product_id: 'Product',
  agreement_id: 'Agreement',
  excluded: 'Excluded',
}
