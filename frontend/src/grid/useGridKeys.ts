/** Keys of the grid: spreadsheet navigation, Enter/F2/typing to edit, Delete to take one's edits away, fill, undo. */

import { useCallback, type KeyboardEvent } from 'react'
import { afterKey, isTyping, selectedRange, type Focus } from './focus'
import type { GridColumn, Range, RowSource } from './types'
import type { BlockEdits } from './useBlockEdits'

interface Keys<Row> {
  source: RowSource<Row>
  focus: Focus
  visible: GridColumn<Row>[]
  page: number
  block: BlockEdits
  move(focus: Focus): void
  onUndo?(): void
  onRedo?(): void
  onKey?(key: string, range: Range): boolean
}

/** What Ctrl and a letter do, beside selecting everything, copying and pasting. */
function command(event: KeyboardEvent, keys: Pick<Keys<never>, 'block' | 'onUndo' | 'onRedo'>) {
  if (!event.ctrlKey && !event.metaKey) return undefined
  const key = event.key.toLowerCase()
  if (key === 'd') return keys.block.fillDown
  if (key === 'y' || (key === 'z' && event.shiftKey)) return keys.onRedo
  return key === 'z' ? keys.onUndo : undefined
}

export function useGridKeys<Row>(keys: Keys<Row>) {
  const { source, focus, visible, page, block, move, onUndo, onRedo, onKey } = keys
  return useCallback(
    (event: KeyboardEvent) => {
      if (focus.editing || event.altKey) return
      // A link or button inside a cell keeps its own Enter and Space.
      const isOnControl = (event.target as HTMLElement).closest('a,button') !== null
      if (isOnControl && (event.key === 'Enter' || event.key === ' ')) return
      const isUsed = navigate() || edit() || activate() || run() || tellPage()
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

      function run(): boolean {
        const act = command(event, { block, onUndo, onRedo })
        act?.()
        return act !== undefined
      }

      function tellPage(): boolean {
        if (event.ctrlKey || event.metaKey) return false
        return onKey?.(event.key, selectedRange(focus)) ?? false
      }

      function edit(): boolean {
        if (event.key === 'Delete' || event.key === 'Backspace') {
          block.clear()
          return true
        }
        const row = source.at(focus.active.row)
        const column = visible[focus.active.column]
        if (row === undefined || !column?.edit || column.edit.isLocked?.(row)) return false
        if (event.key === 'Enter' || event.key === 'F2') {
          move({ ...focus, editing: { text: null } })
          return true
        }
        if (!isTyping(event) || event.key === ' ') return false
        move({ ...focus, editing: { text: event.key } })
        return true
      }
    },
    [source, focus, visible, page, block, move, onUndo, onRedo, onKey],
  )
}
