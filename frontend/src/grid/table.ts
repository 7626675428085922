/**
 * The only importer of TanStack Table. It owns the column model: order, visibility, widths, pinning.
 * Rows stay outside: giving it 100,000 rows rebuilds 100,000 row objects for each new window (about 190 ms).
 */

import {
  columnOrderingFeature,
  columnPinningFeature,
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  tableFeatures,
  useTable,
  type ColumnDef,
  type Updater,
} from '@tanstack/react-table'
import { useMemo } from 'react'
import { MIN_WIDTH, orderOf, type ColumnLayout } from './layout'
import type { GridColumn } from './types'

const features = tableFeatures({
  columnOrderingFeature,
  columnPinningFeature,
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
})

export interface PlacedColumn<Row> {
  column: GridColumn<Row>
  width: number
  /** Distance from the left edge of the row. */
  left: number
  isPinned: boolean
  isResizing: boolean
  startResizing(event: unknown): void
}

const NO_ROWS: never[] = []

function applied<T>(updater: Updater<T>, value: T): T {
  return typeof updater === 'function' ? (updater as (old: T) => T)(value) : updater
}

/** Visible columns in their order, with where each stands and how wide it is. */
export function usePlacedColumns<Row>(
  columns: GridColumn<Row>[],
  layout: ColumnLayout,
  onLayout: (layout: ColumnLayout) => void,
): PlacedColumn<Row>[] {
  const definitions = useMemo<ColumnDef<typeof features, object>[]>(
    () => columns.map(({ id, width }) => ({ id, size: width, minSize: MIN_WIDTH, header: id })),
    [columns],
  )
  const table = useTable({
    features,
    columns: definitions,
    data: NO_ROWS,
    columnResizeMode: 'onChange',
    state: {
      columnVisibility: layout.visibility,
      columnSizing: layout.sizing,
      columnOrder: orderOf(columns, layout),
      columnPinning: {
        start: layout.pinned.filter((id) => columns.some((column) => column.id === id)),
        end: [],
      },
    },
    onColumnSizingChange: (updater) => onLayout({ ...layout, sizing: applied(updater, layout.sizing) }),
    onColumnVisibilityChange: (updater) =>
      onLayout({ ...layout, visibility: applied(updater, layout.visibility) }),
    onColumnOrderChange: (updater) => onLayout({ ...layout, order: applied(updater, layout.order) }),
  })
  const headers = table.getFlatHeaders()
  const resizing = table.state.columnResizing.isResizingColumn
  return useMemo(
    () => place(columns, headers, resizing),
    // Header objects are rebuilt on every render; these decide what they say.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [columns, layout, resizing],
  )
}

interface Header {
  column: { id: string; getSize(): number; getIsPinned(): 'start' | 'end' | false }
  getResizeHandler(): (event: unknown) => void
}

function place<Row>(
  columns: GridColumn<Row>[],
  headers: Header[],
  resizing: string | false,
): PlacedColumn<Row>[] {
  const byId = new Map(columns.map((column) => [column.id, column]))
  let left = 0
  return headers.flatMap((header) => {
    const column = byId.get(header.column.id)
    if (!column) return []
    const width = header.column.getSize()
    const placed: PlacedColumn<Row> = {
      column,
      width,
      left,
      isPinned: header.column.getIsPinned() === 'start',
      isResizing: resizing === header.column.id,
      startResizing: header.getResizeHandler(),
    }
    left += width
    return [placed]
  })
}
