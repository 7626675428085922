/** A saved view as the page holds it, and back. The month is not part of it: a view follows the month. */

import type { LineFilter, LineGrouping } from '@/api/lines'
import type { ViewContent } from '@/api/line-views'
import { isShown, orderOf, type ColumnLayout } from '@/grid/layout'
import { LINE_COLUMNS } from '../columns'
import { filterOf, readSort, type LineView } from '../view'
import { listOf, type More } from './members'

const ORDER = LINE_COLUMNS.map(({ id }) => id)

export function contentOf(view: LineView, layout: ColumnLayout): ViewContent {
  const filter: Partial<LineFilter> = filterOf(view, '')
  delete filter.period
  return {
    filter: { ...filter, status: filter.status ? [filter.status] : [] } as ViewContent['filter'],
    sort: (view.sort?.split(',') ?? []) as ViewContent['sort'],
    columns: orderOf(LINE_COLUMNS, layout).filter((id) => isShown(layout, id)),
    widths: Object.fromEntries(Object.entries(layout.sizing).map(([id, width]) => [id, Math.round(width)])),
    group_by: view.group ?? null,
  }
}

/** Values that the page has a control of its own for, and only one of each. */
const NAMED = ['status', 'organization', 'charge_type', 'currency', 'search', 'hold_reason'] as const

export function viewOf(content: ViewContent): Omit<LineView, 'period' | 'line'> {
  const given = Object.entries(content.filter).filter(
    ([name, value]) => name !== 'period' && value !== null && !(Array.isArray(value) && value.length === 0),
  ) as [string, More[string]][]
  const all = new Map(given)
  const named = Object.fromEntries(NAMED.map((name) => [name, undefined])) as Record<
    string,
    string | undefined
  >
  for (const name of NAMED) {
    const [only, ...others] = listOf(all.get(name))
    if (only === undefined || others.length) continue
    named[name] = only
    all.delete(name)
  }
  return {
    ...(named as Pick<LineView, (typeof NAMED)[number]>),
    more: all.size ? Object.fromEntries(all) : undefined,
    sort: readSort(content.sort.join(',')),
    group: (content.group_by ?? undefined) as LineGrouping | undefined,
  }
}

/** The columns of a view; one that this page does not know is left out, one that the view does not is hidden. */
export function layoutOf(content: ViewContent, now: ColumnLayout): ColumnLayout {
  const { columns } = content
  if (!columns) return now
  const shown = new Set(columns)
  return {
    ...now, // what is pinned, and how dense rows are, is the person's and not the view's
    visibility: Object.fromEntries(ORDER.filter((id) => !shown.has(id)).map((id) => [id, false])),
    order: [...columns.filter((id) => ORDER.includes(id)), ...ORDER.filter((id) => !shown.has(id))],
    sizing: { ...content.widths },
  }
}
