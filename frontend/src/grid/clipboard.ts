/** Cells as tab-separated text, the form that spreadsheets copy and paste, and back. */

import type { GridColumn, Range, RowSource } from './types'

const FIGURE = /^-?\d+(\.\d+)?$/
/** What a spreadsheet would calculate instead of show; the wide signs too, which some read alike. */
const FORMULA = /^'*[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/

/** A cell that would begin a formula is marked as text: names come from elsewhere. Figures stay figures. */
export function asText(cell: string): string {
  return FORMULA.test(cell) && !FIGURE.test(cell) ? `'${cell}` : cell
}

/** The reverse of `asText`: the mark of text is not part of the text. */
function withoutMark(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell
}

function quoted(cell: string): string {
  return /[\t\r\n]|^"/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}

export function writeTsv(cells: string[][]): string {
  const lines = cells.map((line) => line.map((cell) => quoted(asText(cell))).join('\t'))
  // A last line that is empty would read as the end of the line before it.
  return lines.join('\n') + (lines.at(-1) === '' ? '\n' : '')
}

const QUOTED_CELL = /"([^"]*(?:""[^"]*)*)"(?=[\t\r\n]|$)/y
const PLAIN_CELL = /[^\t\r\n]*/y

/** Lines of cells. A quote that no quote ends is an ordinary character; a last line break ends the last line. */
export function readTsv(text: string): string[][] {
  const lines: string[][] = [[]]
  let at = 0
  for (;;) {
    QUOTED_CELL.lastIndex = at
    PLAIN_CELL.lastIndex = at
    const enclosed = QUOTED_CELL.exec(text)
    const [all, cell] = enclosed
      ? [enclosed[0], (enclosed[1] ?? '').replaceAll('""', '"')]
      : [PLAIN_CELL.exec(text)?.[0] ?? '', undefined]
    lines.at(-1)?.push(withoutMark(cell ?? all))
    at += all.length
    if (text[at] === '\t') at += 1
    else {
      at += text.startsWith('\r\n', at) ? 2 : 1
      if (at >= text.length) return lines
      lines.push([])
    }
  }
}

export interface Copied {
  text: string
  rows: number
  /** Rows of the selection that are not loaded, so not copied: the person is told. */
  missing: number
}

export function toTsv<Row>(
  source: RowSource<Row>,
  columns: GridColumn<Row>[],
  range: Range,
  withTitles = false,
): Copied {
  const chosen = columns.slice(range.left, range.right + 1)
  const lines: string[][] = []
  let missing = 0
  for (let index = range.top; index <= range.bottom; index += 1) {
    const row = source.at(index)
    if (row === undefined) missing += 1
    else lines.push(chosen.map((column) => column.text(row)))
  }
  const titles = withTitles ? [chosen.map(({ title }) => title)] : []
  return { text: writeTsv([...titles, ...lines]), rows: lines.length, missing }
}
