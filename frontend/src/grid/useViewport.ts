/** Which rows are drawn. The row with the tab stop always is, else the grid could not be reached by Tab. */

import { defaultRangeExtractor, useVirtualizer, type Range as VirtualRange } from '@tanstack/react-virtual'
import { useCallback, useEffect, useMemo, type RefObject } from 'react'
import type { Density } from './layout'
import type { PlacedColumn } from './table'
import type { RowSource } from './types'

export const ROW_HEIGHTS: Record<Density, number> = { comfortable: 36, compact: 26 }
export const HEADER_HEIGHT = 36
const OVERSCAN = 12

export function useViewport<Row>(
  container: RefObject<HTMLDivElement | null>,
  source: RowSource<Row>,
  activeRow: number,
  density: Density,
) {
  const height = ROW_HEIGHTS[density]
  const rangeExtractor = useCallback(
    (range: VirtualRange) => {
      const indexes = defaultRangeExtractor(range)
      if (activeRow < range.count && !indexes.includes(activeRow)) indexes.push(activeRow)
      return indexes.sort((a, b) => a - b)
    },
    [activeRow],
  )
  const virtualizer = useVirtualizer({
    count: source.total,
    getScrollElement: () => container.current,
    estimateSize: () => height,
    overscan: OVERSCAN,
    scrollMargin: HEADER_HEIGHT,
    scrollPaddingStart: HEADER_HEIGHT,
    initialRect: { width: 1200, height: 640 },
    rangeExtractor,
  })
  useEffect(() => virtualizer.measure(), [virtualizer, height])
  const items = virtualizer.getVirtualItems()
  const first = virtualizer.range?.startIndex ?? 0
  const last = virtualizer.range?.endIndex ?? 0

  const { show } = source
  useEffect(() => show(first, last), [show, first, last])

  const reveal = useCallback(
    (row: number, placed: PlacedColumn<Row> | undefined) => {
      virtualizer.scrollToIndex(row, { align: 'auto' })
      if (placed && !placed.isPinned) revealColumn(container.current, placed)
    },
    [container, virtualizer],
  )
  const page = Math.max(1, last - first - 1)
  return useMemo(() => ({ items, reveal, page, height }), [items, reveal, page, height])
}

/** Scrolls sideways until a column stands clear of the pinned ones. */
function revealColumn<Row>(element: HTMLDivElement | null, placed: PlacedColumn<Row>): void {
  if (!element) return
  const pinned = element.querySelectorAll<HTMLElement>('[role="columnheader"][data-pinned="true"]')
  const covered = [...pinned].reduce((sum, header) => sum + header.offsetWidth, 0)
  const start = placed.left - covered
  const end = placed.left + placed.width
  if (element.scrollLeft > start) element.scrollLeft = start
  else if (element.scrollLeft + element.clientWidth < end) element.scrollLeft = end - element.clientWidth
}
