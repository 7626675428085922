/** The context menu of the selection: what keys do, for whoever looks for it. */

import { useState, type MouseEvent } from 'react'
import { useT } from '@/i18n'
import { tell } from '@/ui/notice'
import { toTsv, type Copied } from './clipboard'
import { goTo, selectedRange, type Focus } from './focus'
import { pointOf, type MenuEntry, type MenuPoint } from './PointMenu'
import type { GridColumn, Range, RowSource } from './types'
import type { BlockEdits } from './useBlockEdits'
import { placeOf } from './useGridPointer'

interface CellMenu<Row> {
  source: RowSource<Row>
  focus: Focus
  visible: GridColumn<Row>[]
  block: BlockEdits
  move(focus: Focus): void
  onCopied?(copied: Copied): void
  onUndo?(): void
  onRedo?(): void
  onFind(): void
  /** What the page does with the selection. */
  menu?(range: Range): MenuEntry[]
}

export function useCellMenu<Row>(props: CellMenu<Row>) {
  const { source, focus, visible, block, move, onCopied, onUndo, onRedo, onFind, menu } = props
  const t = useT()
  const [at, setAt] = useState<MenuPoint>()
  const range = selectedRange(focus)
  const isEditable = visible.slice(range.left, range.right + 1).some(({ edit }) => edit)

  const copy = (withTitles: boolean) => {
    const copied = toTsv(source, visible, range, withTitles)
    void navigator.clipboard.writeText(copied.text).then(() => onCopied?.(copied))
  }
  const paste = () => {
    navigator.clipboard
      .readText()
      .then(block.paste, () =>
        tell(t('The browser does not let this page read the clipboard'), t('Press Ctrl+V instead.')),
      )
  }
  const optional = (run: (() => void) | undefined) => ({ isDisabled: !run, run: run ?? (() => undefined) })

  const entries: MenuEntry[] = [
    {
      label: 'Edit',
      keys: 'Enter',
      isDisabled: !visible[focus.active.column]?.edit,
      run: () => move({ ...focus, editing: { text: null } }),
    },
    { label: 'Copy', keys: 'Ctrl C', run: () => copy(false) },
    { label: 'Copy with titles', run: () => copy(true) },
    { label: 'Paste', keys: 'Ctrl V', isDisabled: !isEditable, run: paste },
    { label: 'Fill down', keys: 'Ctrl D', isDisabled: !isEditable, run: block.fillDown },
    { label: 'Clear my edits', keys: 'Del', isDisabled: !isEditable, run: block.clear },
    { label: 'Take back', keys: 'Ctrl Z', ...optional(onUndo) },
    { label: 'Do again', keys: 'Ctrl Y', ...optional(onRedo) },
    { label: 'Find', keys: 'Ctrl F', run: onFind },
    ...(menu?.(range) ?? []),
  ]

  return {
    at,
    entries,
    close: () => setAt(undefined),
    openAt: (element: Element) => setAt(pointOf(element)),
    /** A cell outside the selection is selected first, as everywhere. */
    onContextMenu: (event: MouseEvent) => {
      const place = placeOf(event)
      if (!place) return
      event.preventDefault()
      const isInside =
        place.row >= range.top &&
        place.row <= range.bottom &&
        place.column >= range.left &&
        place.column <= range.right
      if (!isInside) move(goTo(focus, place, false))
      setAt({ left: event.clientX, top: event.clientY })
    },
  }
}
