/** Which columns are drawn: the pinned ones always, of the others those in view. The row with the cursor has all. */

import { useEffect, useMemo, useState, type RefObject } from 'react'
import type { PlacedColumn } from './table'

/** Columns to draw besides the pinned ones, as a stretch of indexes, and the width that is left out before them. */
export interface ColumnWindow {
  first: number
  last: number
  gap: number
}

/** Scrolling is noticed in steps, and a step is drawn ahead on both sides. */
const STEP = 240

export function columnsInView<Row>(placed: PlacedColumn<Row>[], left: number, width: number): ColumnWindow {
  const pinned = placed.filter(({ isPinned }) => isPinned)
  const covered = pinned.reduce((sum, item) => sum + item.width, 0)
  const isInView = (item: PlacedColumn<Row>) =>
    !item.isPinned && item.left + item.width > left + covered - STEP && item.left < left + width + 2 * STEP
  const first = placed.findIndex(isInView)
  if (first < 0) return { first: placed.length, last: -1, gap: 0 }
  return { first, last: placed.findLastIndex(isInView), gap: (placed[first]?.left ?? 0) - covered }
}

export function useColumnWindow<Row>(
  container: RefObject<HTMLDivElement | null>,
  placed: PlacedColumn<Row>[],
): ColumnWindow {
  const [left, setLeft] = useState(0)
  const [width, setWidth] = useState(1200)
  useEffect(() => {
    const element = container.current
    if (!element) return
    const onScroll = () => setLeft(Math.floor(element.scrollLeft / STEP) * STEP)
    const observer = new ResizeObserver(() => setWidth(element.clientWidth))
    observer.observe(element)
    element.addEventListener('scroll', onScroll, { passive: true })
    return () => {
      observer.disconnect()
      element.removeEventListener('scroll', onScroll)
    }
  }, [container])
  return useMemo(() => columnsInView(placed, left, width), [placed, left, width])
}
