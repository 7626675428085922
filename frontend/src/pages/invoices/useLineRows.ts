/** Lines by index out of windows that are loaded by cursor, just ahead of what is in view. */

import { useInfiniteQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { lineWindowsQuery, WINDOW, type InvoiceLine, type LineFilter, type LineOrder } from '@/api/lines'
import type { RowSource } from '@/grid/types'

/** Rows loaded beyond the view: about three screens of fast scrolling. */
const AHEAD = 300
/** The view is noticed in steps, so that scrolling inside one costs no render here. */
const STEP = 100

export function useLineRows(filter: LineFilter, sort: LineOrder | undefined, counted: number | undefined) {
  const query = useInfiniteQuery(lineWindowsQuery(filter, sort))
  const [wanted, setWanted] = useState(0)
  const { data, hasNextPage, isFetching, isFetchNextPageError, fetchNextPage } = query
  const pages = data?.pages
  const loaded = pages ? (pages.length - 1) * WINDOW + (pages.at(-1)?.items.length ?? 0) : 0
  // A cursor tells only that there is more; the totals tell how much.
  const total = hasNextPage ? Math.max(counted ?? 0, loaded + 1) : loaded

  const isShort = hasNextPage && wanted + AHEAD > loaded
  useEffect(() => {
    if (isShort && !isFetching && !isFetchNextPageError) void fetchNextPage()
    // `loaded` too: a fast answer may never be rendered as fetching, and the chain would stop there.
  }, [isShort, isFetching, loaded, isFetchNextPageError, fetchNextPage])

  const show = useCallback((_first: number, last: number) => {
    setWanted(Math.ceil(last / STEP) * STEP)
  }, [])

  const source = useMemo<RowSource<InvoiceLine>>(
    () => ({
      total,
      loaded,
      at: (index) => pages?.[Math.floor(index / WINDOW)]?.items[index % WINDOW],
      show,
    }),
    [pages, total, loaded, show],
  )
  return { source, query, isCatchingUp: isShort }
}
