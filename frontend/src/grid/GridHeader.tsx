/**
 * Column titles: one tab stop that the arrows move. A click sorts, dragging a title moves its column, its right
 * edge resizes it, and its menu offers everything with the key that does it.
 */

import { ArrowDown, ArrowUp } from 'lucide-react'
import { useRef, useState, type KeyboardEvent, type MouseEvent } from 'react'
import { useT } from '@/i18n'
import { columnActions, directionOf, nextSort, type Direction } from './columnActions'
import classes from './grid.module.css'
import { movedTo, type ColumnLayout } from './layout'
import { isMenuKey, PointMenu, pointOf, type MenuPoint } from './PointMenu'
import type { PlacedColumn } from './table'
import type { GridColumn } from './types'

interface Props<Row> {
  placed: PlacedColumn<Row>[]
  columns: GridColumn<Row>[]
  width: number
  sort: string | undefined
  onSort(sort: string | undefined): void
  layout: ColumnLayout
  onLayout(layout: ColumnLayout): void
}

export function GridHeader<Row>(props: Props<Row>) {
  const { placed, columns, width, sort, onSort, layout, onLayout } = props
  const t = useT()
  const row = useRef<HTMLDivElement>(null)
  const dragged = useRef<string>(undefined)
  const [stop, setStop] = useState('')
  const [menu, setMenu] = useState<{ item: PlacedColumn<Row>; at: MenuPoint }>()
  const stopId = placed.some(({ column }) => column.id === stop) ? stop : placed[0]?.column.id
  const direction = (item: PlacedColumn<Row>) => directionOf(sort, item.column.sortKey)
  const actionsOf = (item: PlacedColumn<Row>) =>
    columnActions({ item, columns, layout, onLayout, onSort, direction: direction(item) })

  const focusTitle = (index: number) => {
    const item = placed[Math.max(0, Math.min(placed.length - 1, index))]
    if (!item) return
    setStop(item.column.id)
    row.current?.querySelector<HTMLElement>(`[data-title="${CSS.escape(item.column.id)}"]`)?.focus()
  }

  const onKeyDown = (event: KeyboardEvent, item: PlacedColumn<Row>, index: number) => {
    const action = actionsOf(item).find(({ matches }) => matches(event))
    const steps: Record<string, number> = {
      ArrowLeft: index - 1,
      ArrowRight: index + 1,
      Home: 0,
      End: placed.length - 1,
    }
    if (action) action.run()
    else if (isMenuKey(event)) setMenu({ item, at: pointOf(event.currentTarget) })
    else if (event.key in steps) focusTitle(steps[event.key] ?? 0)
    else if (event.key === 'ArrowDown') focusCell(event.currentTarget)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <div role="rowgroup" className={classes.head} style={{ minWidth: width }}>
      <div ref={row} role="row" aria-rowindex={1} className={classes.headRow}>
        {placed.map((item, index) => (
          <div
            key={item.column.id}
            role="columnheader"
            aria-colindex={index + 1}
            aria-sort={item.column.sortKey ? direction(item) : undefined}
            className={classes.headCell}
            data-title={item.column.id}
            data-pinned={item.isPinned}
            data-align={item.column.align}
            style={{ width: item.width, left: item.isPinned ? item.left : undefined }}
            tabIndex={item.column.id === stopId ? 0 : -1}
            onFocus={() => setStop(item.column.id)}
            onKeyDown={(event) => onKeyDown(event, item, index)}
            onContextMenu={(event: MouseEvent) => {
              event.preventDefault()
              setMenu({ item, at: { left: event.clientX, top: event.clientY } })
            }}
            draggable
            onDragStart={() => (dragged.current = item.column.id)}
            onDragOver={(event) => event.preventDefault()}
            onDrop={() => {
              if (dragged.current) onLayout(movedTo(columns, layout, dragged.current, item.column.id))
            }}
          >
            <HeaderTitle item={item} direction={direction(item)} onSort={onSort} />
            <span
              className={classes.resizer}
              data-resizing={item.isResizing}
              aria-hidden="true"
              draggable
              onDragStart={(event) => event.preventDefault()}
              onMouseDown={item.startResizing}
              onTouchStart={item.startResizing}
            />
          </div>
        ))}
      </div>
      {menu && (
        <PointMenu
          label={t('Column {title}', { title: menu.item.column.title })}
          at={menu.at}
          entries={actionsOf(menu.item)}
          onClose={() => {
            setMenu(undefined)
            focusTitle(placed.findIndex(({ column }) => column.id === menu.item.column.id))
          }}
        />
      )}
    </div>
  )
}

function focusCell(title: Element): void {
  title.closest('[role="grid"]')?.querySelector<HTMLElement>('[data-active="true"]')?.focus()
}

interface TitleProps<Row> {
  item: PlacedColumn<Row>
  direction: Direction
  onSort(sort: string | undefined): void
}

/** The button is for the pointer; keys sort from the title itself, which holds the tab stop. */
function HeaderTitle<Row>({ item, direction, onSort }: TitleProps<Row>) {
  const { title, sortKey } = item.column
  if (!sortKey) return <span className={classes.title}>{title}</span>
  return (
    <button
      type="button"
      tabIndex={-1}
      className={classes.sorter}
      onClick={() => onSort(nextSort(direction, sortKey))}
    >
      <span className={classes.title}>{title}</span>
      {direction === 'ascending' && <ArrowUp size={13} aria-hidden />}
      {direction === 'descending' && <ArrowDown size={13} aria-hidden />}
    </button>
  )
}
