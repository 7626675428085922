/** The view of the Invoices page, as the URL holds it. */

import type { HoldReason, LineFilter, LineSort, LineStatus } from '@/api/lines'
import { oneOf, text } from '@/pages/searches'
import { HOLD_REASONS, STATUS_ORDER } from '@/words'

export interface LineView {
  period?: string
  status?: LineStatus
  /** AppXite organization id. */
  organization?: string
  charge_type?: string
  currency?: string
  search?: string
  hold_reason?: HoldReason
  sort?: LineSort
}

const SORT_KEYS = [
  'organization',
  'offer',
  'subscription',
  'invoice_number',
  'charge_type',
  'status',
  'quantity',
  'total',
  'charge_start_date',
  'charge_end_date',
] as const
const SORTS: LineSort[] = SORT_KEYS.flatMap((key) => [key, `-${key}` as const])

export function readSort(value: unknown): LineSort | undefined {
  return oneOf(value, SORTS)
}

const PERIOD = /^\d{4}-(0[1-9]|1[0-2])$/

export function readLineView(search: Record<string, unknown>): LineView {
  const period = text(search.period)
  return {
    period: period && PERIOD.test(period) ? period : undefined,
    status: oneOf(search.status, STATUS_ORDER),
    organization: text(search.organization),
    charge_type: text(search.charge_type),
    currency: text(search.currency),
    search: text(search.search),
    hold_reason: oneOf(search.hold_reason, Object.keys(HOLD_REASONS) as HoldReason[]),
    sort: readSort(search.sort),
  }
}

export function filterOf(view: LineView, period: string): LineFilter {
  const filter: LineFilter & { sort?: LineSort } = { ...view, period }
  delete filter.sort
  return filter
}

/** Filters a person set on top of the month and the status tab. */
export function hasFilters(view: LineView): boolean {
  return Boolean(view.organization ?? view.charge_type ?? view.currency ?? view.search ?? view.hold_reason)
}
