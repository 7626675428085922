/** Which lines a bulk edit is about: some that are selected, or all that match the filter. */

import { MOST_IDS, scopeOfFilter, type BulkScope } from '@/api/bulk-edits'
import type { FilterableField, LineFilter } from '@/api/lines'
import type { Organization } from '@/api/organizations'
import { formatPeriod } from '@/format'
import type { Translate } from '@/i18n'
import { chargeTypeLabel, holdReasonLabel, lineStatusWord } from '@/words/lines'
import { activeFilters, listOf, type FilterValue } from '../views/members'

/** Lines selected in the grid: how many, and the ids of those that are read. */
export interface LineSelection {
  count: number
  ids: string[]
}

export type ScopeKind = 'selection' | 'filter'

/** A selection can be sent when all of it is read and the server takes so many ids. */
export const isSendable = ({ count, ids }: LineSelection) =>
  count > 0 && ids.length === count && count <= MOST_IDS

export function scopeOf(
  kind: ScopeKind,
  filter: LineFilter,
  selection: LineSelection | undefined,
): BulkScope {
  return kind === 'selection' && selection ? { line_ids: selection.ids } : scopeOfFilter(filter)
}

type ServerFilter = NonNullable<BulkScope['filter']>

/** Members that this page has words of its own for, rather than those of the server's fields. */
const NAMED = ['period', 'status', 'organization', 'charge_type', 'currency', 'hold_reason', 'search']

/** `October 2026 \u00b7 Held \u00b7 Northwind Traders`: a filter for people. */
export function filterInWords(
  filter: ServerFilter,
  organizations: Organization[],
  fields: FilterableField[],
  t: Translate,
): string {
  const given = Object.entries(filter).filter(
    ([, value]) => value !== null && value !== undefined && !(Array.isArray(value) && value.length === 0),
  ) as [string, FilterValue][]
  const all = Object.fromEntries(given)
  const nameOf = (id: string) => organizations.find((each) => each.id === id)?.name ?? id
  const rest = Object.fromEntries(given.filter(([name]) => !NAMED.includes(name)))
  const parts = [
    ...listOf(all.period).map(formatPeriod),
    ...listOf(all.status).map((status) => t(lineStatusWord(status).label)),
    ...listOf(all.organization).map(nameOf),
    ...listOf(all.charge_type).map(chargeTypeLabel),
    ...listOf(all.currency),
    ...listOf(all.hold_reason).map(holdReasonLabel),
    ...listOf(all.search).map((text) => t('containing \u201c{text}\u201d', { text })),
    ...activeFilters(fields, rest).map(({ words }) => words),
  ]
  return parts.join(' \u00b7 ') || t('Every line of every month')
}
