/** Finding text in the rows that are loaded, from a cell onwards and round again. Pure. */

import type { GridColumn, Place, RowSource } from './types'

export function findNext<Row>(
  source: RowSource<Row>,
  columns: GridColumn<Row>[],
  text: string,
  from: Place,
  step: 1 | -1,
): Place | undefined {
  const wanted = text.trim().toLowerCase()
  const cells = source.loaded * columns.length
  if (!wanted || cells === 0) return undefined
  const start = from.row * columns.length + from.column
  for (let count = 1; count <= cells; count += 1) {
    const at = (((start + step * count) % cells) + cells) % cells
    const place = { row: Math.floor(at / columns.length), column: at % columns.length }
    const row = source.at(place.row)
    if (row !== undefined && columns[place.column]?.text(row).toLowerCase().includes(wanted)) return place
  }
  return undefined
}
