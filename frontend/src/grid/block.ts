/**
 * What a paste, a fill or a clearing of many cells would change, worked out cell by cell before anything is
 * written: the changes, and the cells that cannot take theirs with the reason.
 */

import type { CellEdit, GridColumn, Parsed, Range, RowSource } from './types'

/** The most cells one gesture may change; more is a job for a file or a bulk edit. */
export const MOST_CELLS = 50_000

export interface CellChange<Row> {
  row: Row
  columnId: string
  /** Null takes the person's value away. */
  value: string | null
}

export interface Refusal {
  /** Index of the row in the grid, where that is known; it may be one that does not exist. */
  row?: number
  /** Name of the row, empty where there is none. */
  name: string
  column: string
  /** What was to be written. */
  text: string
  reason: string
}

export interface BlockPlan<Row> {
  changes: CellChange<Row>[]
  refusals: Refusal[]
}

export interface Sheet<Row> {
  source: RowSource<Row>
  /** Visible columns, in their order. */
  columns: GridColumn<Row>[]
  rowName(row: Row): string
}

export const REASONS = {
  tooMany: `At most ${MOST_CELLS.toLocaleString('en-US')} cells can be changed at once.`,
  noRow: 'There is no line here.',
  noColumn: 'There is no column here.',
  notRead: 'This line is not read yet; scroll to it first.',
  fixed: 'This column cannot be changed here.',
  locked: 'This cell cannot be changed any more.',
  missing: 'This line of the copied text has fewer cells than the others.',
}

export function cellsOf(range: Range): number {
  return (range.bottom - range.top + 1) * (range.right - range.left + 1)
}

function reach(size: number, selected: number): number {
  return selected > size && selected % size === 0 ? selected : size
}

/** Where a block of text lands: repeated over a selection that it divides, else once from its first cell. */
export function landing(range: Range, cells: string[][]): Range {
  const width = Math.max(...cells.map((line) => line.length))
  const rows = reach(cells.length, range.bottom - range.top + 1)
  const columns = reach(width, range.right - range.left + 1)
  return { ...range, bottom: range.top + rows - 1, right: range.left + columns - 1 }
}

type ReadCell = <Row>(edit: CellEdit<Row>, text: string, row: Row) => Parsed

const readPasted: ReadCell = (edit, text, row) => (edit.parsePasted ?? edit.parse)(text, row)
const readTyped: ReadCell = (edit, text, row) => edit.parse(text, row)

class Planner<Row> {
  readonly plan: BlockPlan<Row> = { changes: [], refusals: [] }

  readonly sheet: Sheet<Row>

  constructor(sheet: Sheet<Row>) {
    this.sheet = sheet
  }

  refuse(row: number, column: number, text: string, reason: string): void {
    const found = this.sheet.source.at(row)
    const name = found === undefined ? '' : this.sheet.rowName(found)
    this.plan.refusals.push({ row, name, column: this.sheet.columns[column]?.title ?? '', text, reason })
  }

  /** Puts `text` into one cell, or says why not. What a cell shows already is neither. */
  put(index: number, at: number, text: string, read: ReadCell): void {
    const { source, columns } = this.sheet
    const column = columns[at]
    const row = source.at(index)
    if (index >= source.total) this.refuse(index, at, text, REASONS.noRow)
    else if (!column) this.refuse(index, at, text, REASONS.noColumn)
    else if (row === undefined) this.refuse(index, at, text, REASONS.notRead)
    else if (text === column.text(row).trim() || text === column.edit?.initial(row)) return
    else if (!column.edit) this.refuse(index, at, text, REASONS.fixed)
    else if (column.edit.isLocked?.(row)) {
      this.refuse(index, at, text, column.edit.whyLocked?.(row) ?? REASONS.locked)
    } else {
      const parsed: Parsed = text === '' ? { value: null } : read(column.edit, text, row)
      if ('refusal' in parsed) this.refuse(index, at, text, parsed.refusal)
      else if (parsed.value !== column.edit.initial(row)) {
        this.plan.changes.push({ row, columnId: column.id, value: parsed.value })
      }
    }
  }
}

/** Text from elsewhere onto the selection. */
export function planPaste<Row>(sheet: Sheet<Row>, range: Range, cells: string[][]): BlockPlan<Row> {
  const planner = new Planner(sheet)
  const target = landing(range, cells)
  const width = Math.max(...cells.map((line) => line.length))
  if (cellsOf(target) > MOST_CELLS) {
    planner.refuse(range.top, range.left, '', REASONS.tooMany)
    return planner.plan
  }
  for (let row = target.top; row <= target.bottom; row += 1) {
    const line = cells[(row - target.top) % cells.length] ?? []
    for (let column = target.left; column <= target.right; column += 1) {
      const text = line[(column - target.left) % width]
      if (text === undefined) planner.refuse(row, column, '', REASONS.missing)
      else planner.put(row, column, text.trim(), readPasted)
    }
  }
  return planner.plan
}

/** One text into every cell of the selection that takes edits, each reading it for itself. Null clears. */
export function planFill<Row>(sheet: Sheet<Row>, range: Range, text: string | null): BlockPlan<Row> {
  return planEach(sheet, range, (planner, row, column) => {
    if (text !== null) {
      planner.put(row, column, text, readTyped)
      return
    }
    const found = sheet.source.at(row)
    const { id = '', edit } = sheet.columns[column] ?? {}
    if (found === undefined || edit?.isLocked?.(found)) planner.put(row, column, '', readTyped)
    else planner.plan.changes.push({ row: found, columnId: id, value: null })
  })
}

/** The cells of row `from` over the rows of the range, column by column. */
export function planCopy<Row>(sheet: Sheet<Row>, range: Range, from: number): BlockPlan<Row> {
  const first = sheet.source.at(from)
  if (first === undefined) return { changes: [], refusals: [] }
  return planEach(sheet, range, (planner, row, column) => {
    const text = sheet.columns[column]?.edit?.initial(first)
    if (row !== from && text !== undefined) planner.put(row, column, text, readPasted)
  })
}

type Each<Row> = (planner: Planner<Row>, row: number, column: number) => void

/** Columns that take no edits are left out: nobody means to write a date over a name. */
function planEach<Row>(sheet: Sheet<Row>, range: Range, each: Each<Row>): BlockPlan<Row> {
  const planner = new Planner(sheet)
  if (cellsOf(range) > MOST_CELLS) {
    planner.refuse(range.top, range.left, '', REASONS.tooMany)
    return planner.plan
  }
  for (let row = range.top; row <= range.bottom; row += 1) {
    for (let column = range.left; column <= range.right; column += 1) {
      if (sheet.columns[column]?.edit) each(planner, row, column)
    }
  }
  return planner.plan
}
