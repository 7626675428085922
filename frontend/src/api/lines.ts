/**
 * Invoice lines: windows of 500 by cursor, totals, and edits.
 * An edit replaces the line where it stands in every window and invalidates totals and plans only:
 * re-reading 200 windows for one date would be a second of waiting for one keystroke.
 */

import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  type InfiniteData,
  type QueryClient,
} from '@tanstack/react-query'
import { answer, api, type Schemas } from './client'
import { useIntention } from './intention'
import { dashboardKeys } from './dashboard'
import { planKeys } from './plans'
import type { paths } from './schema.gen'

export type InvoiceLine = Schemas['LineItem']
export type LineStatus = Schemas['LineStatus']
export type HoldReason = Schemas['HoldReason']
export type DropRule = Schemas['DropRule']
export type LineSort = Schemas['LineSort']
/** Sort keys with commas between them; the first decides. */
export type LineOrder = string
export type LineTotals = Schemas['LineTotals']
export type MonthTotals = Schemas['MonthTotals']
export type FacetValue = Schemas['FacetValue']
export type LineGroup = Schemas['LineGroup']
export type LineGrouping = Schemas['LineGrouping']
export type FilterableField = Schemas['FilterableField']
export type Tally = Schemas['Tally']
export type DateOrigin = Schemas['DateOrigin']
export type FieldOrigin = Schemas['FieldOrigin']
type LinePage = Schemas['LineItemPage']

type LineQuery = NonNullable<paths['/api/v1/invoice-lines/totals']['get']['parameters']['query']>

/** What the page asks for by name. */
interface NamedFilter {
  period: string
  status?: LineStatus
  organization?: string
  charge_type?: string
  currency?: string
  search?: string
  hold_reason?: HoldReason
}

/** Everything else that lines can be filtered by, under the names that the server gives its parameters. */
export type MoreFilters = Omit<LineQuery, keyof NamedFilter>
export type LineFilter = NamedFilter & MoreFilters

export const WINDOW = 500

export const lineKeys = {
  all: ['invoice-lines'] as const,
  everyWindow: ['invoice-lines', 'windows'] as const,
  windows: (filter: LineFilter, sort: LineOrder | undefined) =>
    ['invoice-lines', 'windows', filter, sort] as const,
  everyTotal: ['invoice-lines', 'totals'] as const,
  totals: (filter: LineFilter) => ['invoice-lines', 'totals', filter] as const,
  origins: (id: string, version: number) => ['invoice-lines', 'origins', id, version] as const,
  everyGroup: ['invoice-lines', 'groups'] as const,
  groups: (filter: LineFilter, by: LineGrouping) => ['invoice-lines', 'groups', filter, by] as const,
  fields: ['invoice-lines', 'fields'] as const,
  detail: (id: string) => ['invoice-lines', 'detail', id] as const,
}

/** The filter as the API takes it: there, what may have several values is a list. */
export function filterQuery({
  status,
  organization,
  charge_type,
  currency,
  hold_reason,
  ...rest
}: LineFilter) {
  return {
    ...rest,
    status: listed(status),
    organization: listed(organization),
    charge_type: listed(charge_type),
    currency: listed(currency),
    hold_reason: listed(hold_reason),
  }
}

/** A saved view may have several values where the page chooses one. */
function listed<T extends string>(value: T | T[] | undefined): T[] | undefined {
  if (value === undefined) return undefined
  return Array.isArray(value) ? value : [value]
}

export const orderQuery = (order: LineOrder | undefined) =>
  order ? (order.split(',') as LineSort[]) : undefined

export const lineWindowsQuery = (filter: LineFilter, sort: LineOrder | undefined) =>
  infiniteQueryOptions({
    queryKey: lineKeys.windows(filter, sort),
    queryFn: ({ pageParam, signal }) =>
      answer(
        api.GET('/api/v1/invoice-lines', {
          params: {
            query: { ...filterQuery(filter), sort: orderQuery(sort), limit: WINDOW, cursor: pageParam },
          },
          signal,
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    // Comparing 200 windows deeply on each new one costs more than it saves.
    structuralSharing: false,
    staleTime: Infinity,
    gcTime: 60_000,
  })

export const lineTotalsQuery = (filter: LineFilter) =>
  queryOptions({
    queryKey: lineKeys.totals(filter),
    queryFn: () =>
      answer(api.GET('/api/v1/invoice-lines/totals', { params: { query: filterQuery(filter) } })),
    placeholderData: keepPreviousData,
  })

/** What lines can be filtered, counted and grouped by. It changes with the server only. */
export const lineFieldsQuery = queryOptions({
  queryKey: lineKeys.fields,
  queryFn: async () => (await answer(api.GET('/api/v1/invoice-lines/filterable-fields'))).items,
  staleTime: Infinity,
})

export const MOST_GROUPS = 500

export const lineGroupsQuery = (filter: LineFilter, by: LineGrouping) =>
  queryOptions({
    queryKey: lineKeys.groups(filter, by),
    queryFn: () =>
      answer(
        api.GET('/api/v1/invoice-lines/groups', {
          params: { query: { ...filterQuery(filter), by, limit: MOST_GROUPS } },
        }),
      ),
    placeholderData: keepPreviousData,
  })

/** One line, as linked from a plan or a receipt. */
export const lineQuery = (id: string) =>
  queryOptions({
    queryKey: lineKeys.detail(id),
    queryFn: () => answer(api.GET('/api/v1/invoice-lines/{line_id}', { params: { path: { line_id: id } } })),
  })

/** Puts lines where they stand in every loaded window, without moving them. */
export function placeLines(client: QueryClient, lines: InvoiceLine[]): void {
  const byId = new Map(lines.map((line) => [line.id, line]))
  for (const line of lines) client.setQueryData(lineKeys.detail(line.id), line)
  client.setQueriesData<InfiniteData<LinePage>>({ queryKey: lineKeys.everyWindow }, (data) => {
    if (!data?.pages.some((page) => page.items.some(({ id }) => byId.has(id)))) return data
    const pages = data.pages.map((page) =>
      page.items.some(({ id }) => byId.has(id))
        ? { ...page, items: page.items.map((item) => byId.get(item.id) ?? item) }
        : page,
    )
    return { ...data, pages }
  })
}

/** Reads the windows again that hold these lines, and gives the lines as they are now. */
export async function readLinesAgain(client: QueryClient, ids: string[]): Promise<Map<string, InvoiceLine>> {
  const wanted = new Set(ids)
  const found = new Map<string, InvoiceLine>()
  const windows = client.getQueriesData<InfiniteData<LinePage>>({ queryKey: lineKeys.everyWindow })
  for (const [key, data] of windows) {
    const [, , filter, sort] = key as ReturnType<typeof lineKeys.windows>
    for (const [index, page] of (data?.pages ?? []).entries()) {
      if (!page.items.some(({ id }) => wanted.has(id) && !found.has(id))) continue
      const cursor = data?.pageParams[index] as string | undefined
      const query = { ...filterQuery(filter), sort: orderQuery(sort), limit: WINDOW, cursor }
      const { items } = await answer(api.GET('/api/v1/invoice-lines', { params: { query } }))
      for (const line of items) if (wanted.has(line.id)) found.set(line.id, line)
    }
  }
  // A line that its change moved out of every window is read by itself.
  for (const id of ids) {
    if (!found.has(id)) found.set(id, await client.fetchQuery({ ...lineQuery(id), staleTime: 0 }))
  }
  placeLines(client, [...found.values()])
  return found
}

/**
 * Reads lines again after a run or a mapping change. An invalidated infinite query re-reads every page it
 * holds, one after the other; only the first two are kept, and the grid asks again for what is in view.
 */
export function refreshLines(client: QueryClient): void {
  client.setQueriesData<InfiniteData<LinePage>>({ queryKey: lineKeys.everyWindow }, (data) =>
    data && data.pages.length > 2
      ? { pages: data.pages.slice(0, 2), pageParams: data.pageParams.slice(0, 2) }
      : data,
  )
  void client.invalidateQueries({ queryKey: lineKeys.all })
}

export interface LineEdit {
  id: string
  body: Partial<Schemas['LineChange']> & { version: number }
}

/** Edits one line. Whoever calls it places the answer and, after the last of several, tells of the change. */
export function useEditLine() {
  return useIntention({
    send: (send, { id, body }: LineEdit) =>
      answer(
        send.PATCH('/api/v1/invoice-lines/{line_id}', {
          params: { path: { line_id: id } },
          body: { reason: '', ...body },
        }),
      ),
  })
}

/** What depends on lines is read again. */
export function tellOfChangedLines(client: QueryClient): void {
  void client.invalidateQueries({ queryKey: lineKeys.everyTotal })
  void client.invalidateQueries({ queryKey: lineKeys.everyGroup })
  void client.invalidateQueries({ queryKey: planKeys.all })
  void client.invalidateQueries({ queryKey: dashboardKeys.all })
}
