/** Pointer of the grid, delegated from the container: click, shift-click, drag, double-click to edit. */

import { useRef, type MouseEvent } from 'react'
import { goTo, type Focus } from './focus'
import type { Place } from './types'

function placeOf(event: MouseEvent): Place | undefined {
  const cell = (event.target as HTMLElement).closest<HTMLElement>('[data-column]')
  const row = cell?.closest<HTMLElement>('[data-row]')
  if (!cell || !row) return undefined
  return { row: Number(row.dataset.row), column: Number(cell.dataset.column) }
}

function isControl(event: MouseEvent): boolean {
  return (event.target as HTMLElement).closest('input,a,button') !== null
}

export function useGridPointer(
  focus: Focus,
  move: (focus: Focus) => void,
  visible: { id: string }[],
  canEdit: (place: Place) => boolean,
) {
  const isDragging = useRef(false)
  return {
    onMouseDown(event: MouseEvent) {
      const place = placeOf(event)
      if (!place || event.button !== 0 || isControl(event)) return
      event.preventDefault()
      isDragging.current = true
      const stop = () => {
        isDragging.current = false
      }
      window.addEventListener('mouseup', stop, { once: true })
      // The anchor stays on shift: the active cell is the moving corner, as with the keyboard.
      move(goTo(focus, place, event.shiftKey))
    },
    onMouseOver(event: MouseEvent) {
      if (!isDragging.current) return
      const place = placeOf(event)
      if (place && (place.row !== focus.active.row || place.column !== focus.active.column)) {
        move(goTo(focus, place, true))
      }
    },
    /** A button with `data-edit-column` opens the editor of that column in its own row. */
    onClick(event: MouseEvent) {
      const button = (event.target as HTMLElement).closest<HTMLElement>('[data-edit-column]')
      const from = button && placeOf(event)
      const column = visible.findIndex(({ id }) => id === button?.dataset.editColumn)
      if (!from || column < 0 || !canEdit({ row: from.row, column })) return
      const place = { row: from.row, column }
      move({ active: place, anchor: place, editing: { text: null } })
    },
    onDoubleClick(event: MouseEvent) {
      const place = placeOf(event)
      if (!place || isControl(event) || !canEdit(place)) return
      move({ active: place, anchor: place, editing: { text: null } })
    },
  }
}
