/** Where the cursor is and what is selected: pure moves, as in a spreadsheet. */

import type { Place, Range } from './types'

export interface Focus {
  /** The cell with the tab stop. */
  active: Place
  /** Opposite corner of the selection. */
  anchor: Place
  /** Text the editor starts with; null starts with the cell's value. */
  editing: { text: string | null } | null
}

export interface Extent {
  rows: number
  columns: number
  /** Rows that fit in view, for PageUp and PageDown. */
  page: number
}

export const START: Focus = { active: { row: 0, column: 0 }, anchor: { row: 0, column: 0 }, editing: null }

export function clamp(place: Place, extent: Extent): Place {
  return {
    row: Math.max(0, Math.min(extent.rows - 1, place.row)),
    column: Math.max(0, Math.min(extent.columns - 1, place.column)),
  }
}

export function goTo(focus: Focus, place: Place, isExtending: boolean): Focus {
  return { active: place, anchor: isExtending ? focus.anchor : place, editing: null }
}

export function selectedRange({ active, anchor }: Focus): Range {
  return {
    top: Math.min(active.row, anchor.row),
    bottom: Math.max(active.row, anchor.row),
    left: Math.min(active.column, anchor.column),
    right: Math.max(active.column, anchor.column),
  }
}

export interface Stroke {
  key: string
  shiftKey: boolean
  ctrlKey: boolean
  metaKey: boolean
}

/** Where a navigation key leads; undefined for keys that do not navigate. */
function destination(from: Place, stroke: Stroke, extent: Extent): Place | undefined {
  const { row, column } = from
  const far = stroke.ctrlKey || stroke.metaKey
  switch (stroke.key) {
    case 'ArrowUp':
      return { row: far ? 0 : row - 1, column }
    case 'ArrowDown':
      return { row: far ? extent.rows - 1 : row + 1, column }
    case 'ArrowLeft':
      return { row, column: far ? 0 : column - 1 }
    case 'ArrowRight':
      return { row, column: far ? extent.columns - 1 : column + 1 }
    case 'Home':
      return { row: far ? 0 : row, column: 0 }
    case 'End':
      return { row: far ? extent.rows - 1 : row, column: extent.columns - 1 }
    case 'PageUp':
      return { row: row - extent.page, column }
    case 'PageDown':
      return { row: row + extent.page, column }
    default:
      return undefined
  }
}

/** Shift with Space selects the rows of the selection from end to end, Ctrl with Space its columns. */
function wholeLine(focus: Focus, stroke: Stroke, { rows, columns }: Extent): Focus {
  const { top, bottom, left, right } = selectedRange(focus)
  const [first, last] = stroke.shiftKey ? [0, columns - 1] : [left, right]
  const [start, end] = stroke.ctrlKey ? [0, rows - 1] : [top, bottom]
  return { active: { row: start, column: first }, anchor: { row: end, column: last }, editing: null }
}

/** The focus after a key, or undefined where the key means nothing to navigation. */
export function afterKey(focus: Focus, stroke: Stroke, extent: Extent): Focus | undefined {
  if (extent.rows === 0) return undefined
  if ((stroke.ctrlKey || stroke.metaKey) && stroke.key.toLowerCase() === 'a') {
    const end = { row: extent.rows - 1, column: extent.columns - 1 }
    return { active: { row: 0, column: 0 }, anchor: end, editing: null }
  }
  if (stroke.key === 'Escape') return goTo(focus, focus.active, false)
  if (stroke.key === ' ' && (stroke.shiftKey || stroke.ctrlKey)) return wholeLine(focus, stroke, extent)
  const place = destination(focus.active, stroke, extent)
  return place && goTo(focus, clamp(place, extent), stroke.shiftKey)
}

/** A key that types a character, so that typing starts an edit as in a spreadsheet. */
export function isTyping(stroke: Stroke): boolean {
  return stroke.key.length === 1 && !stroke.ctrlKey && !stroke.metaKey
}
