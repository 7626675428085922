/** Keys of the grid: spreadsheet navigation, Enter/F2/typing to edit, Delete to take one's edit away. */

import { useCallback, type KeyboardEvent } from 'react'
import { afterKey, isTyping, selectedRange, type Focus } from './focus'
import type { GridColumn, Range, RowSource } from './types'

interface Keys<Row> {
  source: RowSource<Row>
  focus: Focus
  visible: GridColumn<Row>[]
  page: number
  move(focus: Focus): void
  onEdit(row: Row, columnId: string, value: string | null): void
  onKey?(key: string, range: Range): boolean
}

export function useGridKeys<Row>({ source, focus, visible, page, move, onEdit, onKey }: Keys<Row>) {
  return useCallback(
    (event: KeyboardEvent) => {
      if (focus.editing || event.altKey) return
      // A link or button inside a cell keeps its own Enter and Space.
      const isOnControl = (event.target as HTMLElement).closest('a,button') !== null
      if (isOnControl && (event.key === 'Enter' || event.key === ' ')) return
      const isUsed = navigate() || edit() || activate() || (onKey?.(event.key, selectedRange(focus)) ?? false)
      if (!isUsed) return
      event.preventDefault()
      event.stopPropagation()

      function navigate(): boolean {
        const next = afterKey(focus, event, { rows: source.total, columns: visible.length, page })
        if (next) move(next)
        return next !== undefined
      }

      /** Enter on a cell that only holds a link or button uses it. */
      function activate(): boolean {
        if (event.key !== 'Enter') return false
        const control = (event.target as HTMLElement).querySelector<HTMLElement>('a,button')
        control?.click()
        return control !== null
      }

      function edit(): boolean {
        const row = source.at(focus.active.row)
        const column = visible[focus.active.column]
        if (row === undefined || !column?.edit || column.edit.isLocked?.(row)) return false
        if (event.key === 'Enter' || event.key === 'F2') {
          move({ ...focus, anchor: focus.active, editing: { text: null } })
          return true
        }
        if (event.key === 'Delete' || event.key === 'Backspace') {
          onEdit(row, column.id, null)
          return true
        }
        if (!isTyping(event) || event.key === ' ') return false
        move({ ...focus, anchor: focus.active, editing: { text: event.key } })
        return true
      }
    },
    [source, focus, visible, page, move, onEdit, onKey],
  )
}
