/** The view of the Invoices page, as the URL holds it. */

import { z } from 'zod/mini'
import type { LineFilter, LineSort } from '@/api/lines'
import { holdReasonValues, lineSortValues, lineStatusValues } from '@/api/schema.gen'
import { oneOf, text } from '@/pages/searches'

const sort = oneOf(lineSortValues)

const lineView = z.object({
  period: z.catch(z.optional(z.string().check(z.regex(/^\d{4}-(0[1-9]|1[0-2])$/))), undefined),
  status: oneOf(lineStatusValues),
  /** Id of the organization in the marketplace. */
  organization: text,
  charge_type: text,
  currency: text,
  search: text,
  hold_reason: oneOf(holdReasonValues),
  sort,
  /** A line whose details are open, as linked from a plan or a receipt. */
  line: text,
})

export type LineView = z.infer<typeof lineView>

export const readSort = (value: unknown): LineSort | undefined => sort.parse(value)
export const readLineView = (search: Record<string, unknown>): LineView => lineView.parse(search)

export function filterOf(view: LineView, period: string): LineFilter {
  const filter: LineFilter & { sort?: LineSort; line?: string } = { ...view, period }
  delete filter.sort
  delete filter.line
  return filter
}

/** Filters a person set on top of the month and the status tab. */
export function hasFilters(view: LineView): boolean {
  return Boolean(view.organization ?? view.charge_type ?? view.currency ?? view.search ?? view.hold_reason)
}
