/** Pointer of the grid, delegated from the container: click, shift-click, drag, fill handle, double-click to edit. */

import { useEffect, useRef, useState, type MouseEvent } from 'react'
import { goTo, type Focus } from './focus'
import type { Place, Range } from './types'

function placeOf(event: MouseEvent): Place | undefined {
  const cell = (event.target as HTMLElement).closest<HTMLElement>('[data-column]')
  const row = cell?.closest<HTMLElement>('[data-row]')
  if (!cell || !row) return undefined
  return { row: Number(row.dataset.row), column: Number(cell.dataset.column) }
}

function isControl(event: MouseEvent): boolean {
  return (event.target as HTMLElement).closest('input,a,button') !== null
}

function isHandle(event: MouseEvent): boolean {
  return (event.target as HTMLElement).closest('[data-fill-handle]') !== null
}

/** Rows that a drag of the fill handle to `row` adds to the selection; none inside it. */
export function filledRows(range: Range, row: number | undefined): Range | undefined {
  if (row === undefined || (row >= range.top && row <= range.bottom)) return undefined
  return row < range.top
    ? { ...range, top: row, bottom: range.top - 1 }
    : { ...range, top: range.bottom + 1, bottom: row }
}

interface Pointer {
  focus: Focus
  visible: { id: string }[]
  move(focus: Focus): void
  canEdit(place: Place): boolean
  fillTo(row: number): void
}

export function useGridPointer({ focus, visible, move, canEdit, fillTo }: Pointer) {
  const drag = useRef<'select' | 'fill'>(undefined)
  const reached = useRef<number>(undefined)
  const [fillRow, setFillRow] = useState<number>()
  const newestFill = useRef(fillTo)
  useEffect(() => {
    newestFill.current = fillTo
  })

  const begin = (kind: 'select' | 'fill') => {
    drag.current = kind
    reached.current = undefined
    const stop = () => {
      const end = reached.current
      drag.current = undefined
      setFillRow(undefined)
      if (kind === 'fill' && end !== undefined) newestFill.current(end)
    }
    window.addEventListener('mouseup', stop, { once: true })
  }

  const handlers = {
    onMouseDown(event: MouseEvent) {
      const place = placeOf(event)
      if (!place || event.button !== 0 || isControl(event)) return
      event.preventDefault()
      if (isHandle(event)) {
        begin('fill')
        return
      }
      begin('select')
      // The anchor stays on shift: the active cell is the moving corner, as with the keyboard.
      move(goTo(focus, place, event.shiftKey))
    },
    onMouseOver(event: MouseEvent) {
      const place = drag.current && placeOf(event)
      if (!place) return
      if (drag.current === 'fill') {
        reached.current = place.row
        setFillRow(place.row)
      } else if (place.row !== focus.active.row || place.column !== focus.active.column) {
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
      if (!place || isControl(event) || isHandle(event) || !canEdit(place)) return
      move({ active: place, anchor: place, editing: { text: null } })
    },
  }
  return { handlers, fillRow }
}
