/** The view of the Invoices page, as the URL holds it. */

import { z } from 'zod/mini'
import type { LineFilter, LineOrder, LineSort, MoreFilters } from '@/api/lines'
import { holdReasonValues, lineGroupingValues, lineSortValues, lineStatusValues } from '@/api/schema.gen'
import { oneOf, text } from '@/pages/searches'

const KNOWN: ReadonlySet<string> = new Set(lineSortValues)

/** The keys of an order that exist; one that does not is left out, not an error. */
export function readSort(value: string | undefined): LineOrder | undefined {
  const keys = (value ?? '').split(',').filter((key): key is LineSort => KNOWN.has(key))
  return keys.length ? keys.join(',') : undefined
}

const word = z.union([z.string(), z.number(), z.boolean()])
const more = z.catch(z.optional(z.record(z.string(), z.union([word, z.array(word)]))), undefined)

const lineView = z.object({
  period: z.catch(z.optional(z.string().check(z.regex(/^\d{4}-(0[1-9]|1[0-2])$/))), undefined),
  status: oneOf(lineStatusValues),
  /** Id of the organization in the marketplace. */
  organization: text,
  charge_type: text,
  currency: text,
  search: text,
  hold_reason: oneOf(holdReasonValues),
  sort: z.catch(
    z.optional(
      z.pipe(
        z.string(),
        z.transform((keys: string) => readSort(keys)),
      ),
    ),
    undefined,
  ),
  /** Filters of other fields, under the names of the server's parameters. */
  more,
  /** What lines are added up by; without it they are listed. */
  group: oneOf(lineGroupingValues),
  /** A line whose details are open, as linked from a plan or a receipt. */
  line: text,
})

export type LineView = z.infer<typeof lineView>

export const readLineView = (search: Record<string, unknown>): LineView => lineView.parse(search)

const NOT_FILTERS: ReadonlySet<string> = new Set(['sort', 'line', 'group'])

/** The filter of the page. A field with several values in `more` and one of its own has the latter. */
export function filterOf(view: LineView, period: string): LineFilter {
  const { more: others, ...named } = view
  const given = Object.entries(named).filter(([name, value]) => value !== undefined && !NOT_FILTERS.has(name))
  return { ...(others as MoreFilters | undefined), ...Object.fromEntries(given), period }
}

/** Filters a person set on top of the month and the status tab. */
export function hasFilters(view: LineView): boolean {
  const named = view.organization ?? view.charge_type ?? view.currency ?? view.search ?? view.hold_reason
  return Boolean(named) || Object.keys(view.more ?? {}).length > 0
}
