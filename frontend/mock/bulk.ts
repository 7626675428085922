/** Bulk edits: preview, apply, undo and redo of many lines. Progress is told from the clock, as of runs. */

import { http, HttpResponse } from 'msw'
import type { Schemas } from '../src/api/client.ts'
import { edit as editLine, matches } from './lines.ts'
import { problem } from './problem.ts'
import { tally, type Line, type World } from './world.ts'

type Edit = Schemas['BulkEditOut']
type Change = Edit['changes'][number]
type Values = Record<string, unknown>

export const FIELDS: Schemas['EditableFieldItem'][] = [
  { field: 'charge_start_date', label: 'Charge start', editor: 'date', after_invoicing: false, choices: [] },
  { field: 'charge_end_date', label: 'Charge end', editor: 'date', after_invoicing: false, choices: [] },
  { field: 'agreement_id', label: 'Agreement', editor: 'agreement', after_invoicing: false, choices: [] },
  { field: 'excluded', label: 'Excluded', editor: 'switch', after_invoicing: true, choices: [] },
]
const ME = 'Dana Reyes'
const MOST_SAMPLES = 50

/** Why a line is left out, or what it would have instead. */
type Outcome = { skip: Schemas['SkipReason']; words: string } | { values: Values }

function valuesOf(change: Change, line: Line): Outcome {
  switch (change.kind) {
    case 'set':
      return { values: { [change.field]: change.value } }
    case 'clear':
      return { values: Object.fromEntries(change.fields.map((field) => [field, null])) }
    case 'agreement_of_type':
      return line.company_id && line.company_id !== 'co-1'
        ? { values: { agreement_id: `agr-${change.type_id}-${line.company_id}` } }
        : { skip: 'no_agreement', words: 'its company has no agreement of this type' }
    case 'shift_dates':
      return {
        values: Object.fromEntries(change.fields.map((field) => [field, shifted(line[field], change)])),
      }
    default:
      return { skip: 'period_is_open', words: 'its billing period is not invoiced' }
  }
}

function shifted(day: string | null, { months = 0, days = 0 }: { months?: number; days?: number }) {
  const date = new Date(`${day}T00:00:00Z`)
  date.setUTCMonth(date.getUTCMonth() + months)
  date.setUTCDate(date.getUTCDate() + days)
  return date.toISOString().slice(0, 10)
}

const shownOf = (line: Line, field: string) => (line as unknown as Values)[field] ?? null

function outcomeOf(line: Line, edit: Edit, changedSince: Set<string>): Outcome {
  if (edit.scope.unless_changed_since && changedSince.has(line.id)) {
    return { skip: 'changed_since', words: 'Sam Ortiz changed it since the preview before' }
  }
  let values: Values = {}
  for (const change of edit.changes) {
    const found = valuesOf(change, line)
    if ('skip' in found) return found
    values = { ...values, ...found.values }
  }
  const isSame = Object.entries(values).every(([field, value]) => shownOf(line, field) === value)
  return isSame ? { skip: 'unchanged', words: 'it has these values already' } : { values }
}

function statusAfter(line: Line, values: Values): Line['status'] {
  if (values.excluded === true) return 'excluded'
  return line.status === 'excluded' && values.excluded === false ? 'ready' : line.status
}

const byStatus = (lines: Line[], statusOf: (line: Line) => Line['status']) =>
  Object.fromEntries(
    Object.entries(Object.groupBy(lines, statusOf)).map(([status, part]) => [status, tally(part)]),
  )

const isBilled = (status: Line['status']) => status === 'ready' || status === 'sent'

function makePreview(edit: Edit, lines: Line[], changedSince: Set<string>): Schemas['BulkPreview'] {
  const outcomes = lines.map((line) => ({ line, outcome: outcomeOf(line, edit, changedSince) }))
  const changed = outcomes.flatMap(({ line, outcome }) => ('values' in outcome ? [{ line, ...outcome }] : []))
  const skipped = outcomes.flatMap(({ line, outcome }) => ('skip' in outcome ? [{ line, ...outcome }] : []))
  const touched = changed.map(({ line }) => line)
  const afterOf = new Map(changed.map(({ line, values }) => [line.id, statusAfter(line, values)]))
  const after = (line: Line) => afterOf.get(line.id) ?? line.status
  const customers = Object.values(Object.groupBy(lines, ({ organization_id }) => organization_id))
  return {
    matched: lines.length,
    changed: tally(touched),
    customers: new Set(touched.map(({ organization_id }) => organization_id)).size,
    already_sent: tally(touched.filter(({ status }) => status === 'sent')),
    skipped: Object.values(Object.groupBy(skipped, ({ skip }) => skip)).map((part) => ({
      reason: part![0]!.skip,
      words: part![0]!.words,
      lines: tally(part!.map(({ line }) => line)),
    })),
    before: byStatus(touched, ({ status }) => status),
    after: byStatus(touched, after),
    will_bill_before: tally(touched.filter(({ status }) => isBilled(status))).amounts,
    will_bill_after: tally(touched.filter((line) => isBilled(after(line)))).amounts,
    samples: changed.slice(0, MOST_SAMPLES).map(({ line, values }) => ({
      line_id: line.id,
      organization: line.organization,
      subscription: line.subscription,
      currency: line.currency,
      changes: Object.entries(values).map(([field, value]) => ({
        field,
        before: shownOf(line, field) as Schemas['JsonValue'],
        after: value as Schemas['JsonValue'],
      })),
      status_before: line.status,
      status_after: after(line),
      hold_reasons: [],
    })),
    skipped_samples: skipped.slice(0, MOST_SAMPLES).map(asSkipped),
    holds_after: {},
    by_customer: customers.map((part) => ({
      organization_id: part![0]!.organization_id,
      organization: part![0]!.organization,
      changed: tally(part!.filter(({ id }) => afterOf.has(id))),
      skipped: part!.filter(({ id }) => !afterOf.has(id)).length,
    })),
    names: Object.fromEntries(
      touched.map(({ company_id, organization }) => [`agr-1-${company_id}`, `Cloud, ${organization}`]),
    ),
  }
}

function asSkipped({ line, skip, words }: { line: Line; skip: Schemas['SkipReason']; words: string }) {
  return {
    line_id: line.id,
    organization: line.organization,
    subscription: line.subscription,
    reason: skip,
    words,
  }
}

export function bulkHandlers(world: World, takesMs = 1_200) {
  let counter = 0
  /** When the work of an edit began, and the lines as its preview saw them or as they were before it. */
  const began = new Map<string, number>()
  const seen = new Map<string, Map<string, Line>>()
  const former = new Map<string, Line[]>()
  const trail = new Map<string, Schemas['TrailEntry'][]>()

  const linesOf = ({ filter, line_ids }: Edit['scope']): Line[] => {
    const all = [...world.lines.values()].flat()
    if (line_ids) return all.filter(({ id }) => line_ids.includes(id))
    const query = new URLSearchParams()
    for (const [name, value] of Object.entries(filter ?? {})) {
      if (value && name !== 'period') query.set(name, String(value))
    }
    return (world.lines.get(filter?.period ?? '') ?? []).filter((line) => matches(line, query))
  }
  const changedSince = (edit: Edit) => {
    const before = [...seen.values()].flatMap((lines) => [...lines.values()])
    const moved = linesOf(edit.scope).filter((line) =>
      before.some(({ id, version }) => id === line.id && version !== line.version),
    )
    return new Set(moved.map(({ id }) => id))
  }

  const finish = (edit: Edit): void => {
    const now = new Date().toISOString()
    const lines = linesOf(edit.scope)
    switch (edit.status) {
      case 'previewing':
        if (lines.length === 0)
          return void Object.assign(edit, { status: 'failed', error: 'No line matches.' })
        edit.preview = makePreview(edit, lines, changedSince(edit))
        edit.needs_reason = edit.preview.changed.count > world.bulkReasonAbove
        seen.set(edit.id, new Map(lines.map((line) => [line.id, { ...line }])))
        return void (edit.status = 'ready')
      case 'applying': {
        const moved = lines.filter((line) => seen.get(edit.id)?.get(line.id)?.version !== line.version)
        if (moved.length > 0) {
          const count = moved.length === 1 ? '1 line' : `${moved.length} lines`
          const error = `${count} changed since the preview was made (Sam Ortiz). Nothing was changed: look at a new preview.`
          return void Object.assign(edit, { status: 'stale', error })
        }
        return change(edit, now)
      }
      case 'redoing':
        return change(edit, now)
      default:
        for (const line of former.get(edit.id) ?? []) {
          const [current] = linesOf({ line_ids: [line.id] })
          if (current) Object.assign(current, line, { version: current.version + 1 })
        }
        record(edit, now, true)
        Object.assign(edit, { status: 'undone', undone_by: ME, undone_at: now })
    }
  }

  const change = (edit: Edit, now: string): void => {
    const chosen = former.get(edit.id)?.map(({ id }) => id)
    const lines = linesOf(chosen ? { line_ids: chosen } : edit.scope)
    const since = changedSince(edit)
    const kept: Line[] = []
    for (const line of lines) {
      const outcome = outcomeOf(line, edit, chosen ? new Set() : since)
      if ('skip' in outcome) continue
      kept.push({ ...line })
      editLine(line, outcome.values)
    }
    former.set(edit.id, kept)
    record(edit, now, false)
    Object.assign(edit, {
      status: 'applied',
      applied_by: ME,
      applied_at: now,
      undone_by: null,
      undone_at: null,
    })
  }

  const record = (edit: Edit, now: string, isUndo: boolean): void => {
    const entries = trail.get(edit.id) ?? []
    entries.unshift({
      id: `trail-${edit.id}-${entries.length}`,
      position: 40 + entries.length,
      type: 'billing.lines.edited.v1',
      source: 'billing',
      subject: `bulk-edit/${edit.id}`,
      occurred_at: now,
      recorded_at: now,
      correlation_id: 'c-1',
      causation_id: null,
      actor: { id: 'u-1', name: ME },
      data: { lines: edit.preview?.changed.count ?? 0, is_undo: isUndo },
      hash: 'ab12',
    })
    trail.set(edit.id, entries)
  }

  const advance = (edit: Edit): Edit => {
    const start = began.get(edit.id)
    if (start === undefined) return edit
    const share = Math.min(1, (Date.now() - start) / takesMs)
    edit.total = linesOf(edit.scope).length
    edit.done = Math.floor(edit.total * share)
    if (share < 1) return edit
    began.delete(edit.id)
    finish(edit)
    return edit
  }

  const begin = (edit: Edit, status: Edit['status']) => {
    Object.assign(edit, { status, done: 0, error: '' })
    began.set(edit.id, Date.now())
    return HttpResponse.json(edit, { status: 202 })
  }
  const find = (id: unknown) => world.bulkEdits.find((edit) => edit.id === id)
  const notFound = () =>
    problem(404, 'bulk_edit_not_found', 'There is no such bulk edit.', 'Look at the list.')
  const turn = (verb: string, from: Edit['status'], to: Edit['status']) =>
    http.post(`*/api/v1/bulk-edits/:id/${verb}`, async ({ params, request }) => {
      const edit = find(params.id)
      if (!edit) return notFound()
      if (edit.status !== from) {
        const said = `The bulk edit is ${edit.status}, not ${from}.`
        return problem(409, 'bulk_edit_is_not_ready', said, 'Read the bulk edit again.')
      }
      if (verb === 'apply') {
        const { reason } = (await request.json()) as Schemas['BulkEditToApply']
        if (edit.needs_reason && !reason) {
          return problem(422, 'reason_required', 'So many lines change: say why.', 'Send a reason with it.')
        }
        Object.assign(edit, { reason, applied_by: ME })
      }
      return begin(edit, to)
    })

  return [
    http.get('*/api/v1/invoice-lines/editable-fields', () => HttpResponse.json({ items: FIELDS })),
    http.post('*/api/v1/bulk-edits', async ({ request }) => {
      const wanted = (await request.json()) as Schemas['BulkEditIn']
      const edit: Edit = {
        id: `bulk-${(counter += 1)}`,
        status: 'previewing',
        scope: wanted.scope ?? {},
        changes: wanted.changes,
        reason: wanted.reason,
        needs_reason: false,
        preview: null,
        done: 0,
        total: 0,
        error: '',
        created_by: ME,
        created_at: new Date().toISOString(),
        applied_by: null,
        applied_at: null,
        undone_by: null,
        undone_at: null,
      }
      world.bulkEdits.unshift(edit)
      return begin(edit, 'previewing')
    }),
    http.get('*/api/v1/bulk-edits', () =>
      HttpResponse.json({ items: world.bulkEdits.map(advance), next_cursor: null }),
    ),
    http.get('*/api/v1/bulk-edits/:id/skipped', ({ params, request }) => {
      const edit = find(params.id)
      if (!edit) return notFound()
      const query = new URL(request.url).searchParams
      const items = linesOf(edit.scope)
        .flatMap((line) => {
          const outcome = outcomeOf(line, edit, changedSince(edit))
          return 'skip' in outcome ? [asSkipped({ line, ...outcome })] : []
        })
        .filter(({ reason }) => reason === query.get('reason'))
      const from = Number(query.get('cursor') ?? 0)
      const end = from + Number(query.get('limit'))
      return HttpResponse.json({
        items: items.slice(from, end),
        next_cursor: end < items.length ? String(end) : null,
      })
    }),
    http.get('*/api/v1/bulk-edits/:id', ({ params }) => {
      const edit = find(params.id)
      return edit ? HttpResponse.json(advance(edit)) : notFound()
    }),
    turn('apply', 'ready', 'applying'),
    turn('undo', 'applied', 'undoing'),
    turn('redo', 'undone', 'redoing'),
    http.get('*/api/v1/audit-trail', ({ request }) => {
      const subject = new URL(request.url).searchParams.get('subject') ?? ''
      return HttpResponse.json({
        items: trail.get(subject.replace('bulk-edit/', '')) ?? [],
        next_cursor: null,
      })
    }),
  ]
}
