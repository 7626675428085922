/** Column titles: sorting by click, resizing by the right edge. */

import { ArrowDown, ArrowUp } from 'lucide-react'
import classes from './grid.module.css'
import type { PlacedColumn } from './table'

interface Props<Row> {
  placed: PlacedColumn<Row>[]
  width: number
  sort: string | undefined
  onSort(sort: string | undefined): void
}

type Direction = 'ascending' | 'descending' | 'none'

function directionOf(sort: string | undefined, key: string | undefined): Direction {
  if (!key || !sort) return 'none'
  if (sort === key) return 'ascending'
  return sort === `-${key}` ? 'descending' : 'none'
}

/** Ascending, descending, back to the server's own order. */
function nextSort(direction: Direction, key: string): string | undefined {
  if (direction === 'none') return key
  return direction === 'ascending' ? `-${key}` : undefined
}

export function GridHeader<Row>({ placed, width, sort, onSort }: Props<Row>) {
  return (
    <div role="rowgroup" className={classes.head} style={{ minWidth: width }}>
      <div role="row" aria-rowindex={1} className={classes.headRow}>
        {placed.map((item, index) => {
          const { column } = item
          const direction = directionOf(sort, column.sortKey)
          return (
            <div
              key={column.id}
              role="columnheader"
              aria-colindex={index + 1}
              aria-sort={column.sortKey ? direction : undefined}
              className={classes.headCell}
              data-pinned={item.isPinned}
              data-align={column.align}
              style={{ width: item.width, left: item.isPinned ? item.left : undefined }}
            >
              <HeaderTitle
                title={column.title}
                direction={direction}
                onSort={column.sortKey ? () => onSort(nextSort(direction, column.sortKey ?? '')) : undefined}
              />
              <span
                className={classes.resizer}
                data-resizing={item.isResizing}
                aria-hidden="true"
                onMouseDown={item.startResizing}
                onTouchStart={item.startResizing}
              />
            </div>
          )
        })}
      </div>
    </div>
  )
}

interface TitleProps {
  title: string
  direction: Direction
  onSort: (() => void) | undefined
}

function HeaderTitle({ title, direction, onSort }: TitleProps) {
  if (!onSort) return <span className={classes.title}>{title}</span>
  return (
    <button type="button" className={classes.sorter} onClick={onSort}>
      <span className={classes.title}>{title}</span>
      {direction === 'ascending' && <ArrowUp size={13} aria-hidden />}
      {direction === 'descending' && <ArrowDown size={13} aria-hidden />}
    </button>
  )
}
