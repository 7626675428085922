/** A selection as tab-separated text, the form that spreadsheets paste. */

import type { GridColumn, Range, RowSource } from './types'

/** A tab or line break inside a cell would shift the cells after it. */
function flat(text: string): string {
  return text.replaceAll(/[\t\r\n]+/g, ' ')
}

export interface Copied {
  text: string
  rows: number
  /** Rows of the selection that are not loaded, so not copied: the person is told. */
  missing: number
}

export function toTsv<Row>(source: RowSource<Row>, columns: GridColumn<Row>[], range: Range): Copied {
  const chosen = columns.slice(range.left, range.right + 1)
  const lines: string[] = []
  let missing = 0
  for (let index = range.top; index <= range.bottom; index += 1) {
    const row = source.at(index)
    if (row === undefined) missing += 1
    else lines.push(chosen.map((column) => flat(column.text(row))).join('\t'))
  }
  return { text: lines.join('\n'), rows: lines.length, missing }
}
