/** Which lines a bulk edit is about: some that are selected, or all that match the filter. */

import { MOST_IDS, scopeOfFilter, type BulkScope } from '@/api/bulk-edits'
import type { LineFilter } from '@/api/lines'
import type { Organization } from '@/api/organizations'
import { formatPeriod } from '@/format'
import type { Translate } from '@/i18n'
import { chargeTypeLabel, holdReasonLabel, lineStatusWord } from '@/words/lines'

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

/** `October 2026 · Held · Northwind Traders`: a filter for people. */
export function filterInWords(filter: ServerFilter, organizations: Organization[], t: Translate): string {
  const organization = organizations.find(({ id }) => id === filter.organization)?.name
  const parts = [
    filter.period && formatPeriod(filter.period),
    ...(filter.status ?? []).map((status) => t(lineStatusWord(status).label)),
    filter.organization && (organization ?? filter.organization),
    filter.charge_type && chargeTypeLabel(filter.charge_type),
    filter.currency,
    filter.hold_reason && holdReasonLabel(filter.hold_reason),
    filter.search && t('containing \u201c{text}\u201d', { text: filter.search }),
  ]
  return parts.filter(Boolean).join(' \u00b7 ') || t('Every line of every month')
}
