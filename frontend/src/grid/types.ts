/** What a page tells the grid about its rows. The grid knows rows, columns and drafts; never what they mean. */

import type { ReactNode } from 'react'
import type { Draft } from './drafts'

/** A text as a value, or a sentence that says why not. Null takes the person's value away. */
export type Parsed = { value: string | null } | { refusal: string }

export interface CellEdit<Row> {
  /** What the editor starts with. */
  initial(row: Row): string
  /** Reads what was typed into this cell. */
  parse(text: string, row: Row): Parsed
  /** Reads text that came from elsewhere, where shorthand is more likely a mistake; `parse` if absent. */
  parsePasted?(text: string, row: Row): Parsed
  isLocked?(row: Row): boolean
  whyLocked?(row: Row): string
}

export interface GridColumn<Row> {
  id: string
  title: string
  width: number
  align?: 'start' | 'end'
  isPinned?: boolean
  isOptional?: boolean
  isHiddenAtFirst?: boolean
  /** Name the server sorts by; without one the column does not sort. */
  sortKey?: string
  /** Plain text of a cell: what is copied and what a screen reader says. */
  text(row: Row): string
  render?(row: Row, draft: Draft | undefined): ReactNode
  edit?: CellEdit<Row>
}

/** Rows by index. Rows not loaded yet are undefined and drawn as placeholders. */
export interface RowSource<Row> {
  total: number
  loaded: number
  at(index: number): Row | undefined
  /** Called with the range in view, so that the source can load ahead. */
  show(first: number, last: number): void
}

export interface Place {
  row: number
  column: number
}

export interface Range {
  top: number
  bottom: number
  left: number
  right: number
}
