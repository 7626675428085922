/** What a person can do with a column: one list for the header's menu and its keys. */

import type { KeyboardEvent } from 'react'
import { moved, resized, withPin, withVisibility, type ColumnLayout } from './layout'
import type { PlacedColumn } from './table'
import type { GridColumn } from './types'

export type Direction = 'ascending' | 'descending' | 'none'

export interface ColumnAction {
  label: string
  /** Keys as they are told to people. */
  keys: string
  matches(event: KeyboardEvent): boolean
  run(): void
}

interface Of<Row> {
  item: PlacedColumn<Row>
  columns: GridColumn<Row>[]
  layout: ColumnLayout
  onLayout(layout: ColumnLayout): void
  direction: Direction
  onSort(sort: string | undefined): void
}

export function directionOf(sort: string | undefined, key: string | undefined): Direction {
  if (!key || !sort) return 'none'
  if (sort === key) return 'ascending'
  return sort === `-${key}` ? 'descending' : 'none'
}

/** Ascending, descending, back to the server's own order. */
export function nextSort(direction: Direction, key: string): string | undefined {
  if (direction === 'none') return key
  return direction === 'ascending' ? `-${key}` : undefined
}

const plain = (event: KeyboardEvent) => !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey

export function columnActions<Row>(of: Of<Row>): ColumnAction[] {
  const { item, columns, layout, onLayout, direction, onSort } = of
  const { id, sortKey } = item.column
  const arrow = (key: string, modifier: 'ctrlKey' | 'shiftKey') => (event: KeyboardEvent) =>
    event.key === key && event[modifier]
  const letter = (key: string) => (event: KeyboardEvent) => plain(event) && event.key === key
  const sorting: ColumnAction[] = sortKey
    ? [
        {
          label: direction === 'none' ? 'Sort' : direction === 'ascending' ? 'Sort downwards' : 'Do not sort',
          keys: 'Enter',
          matches: (event) => plain(event) && (event.key === 'Enter' || event.key === ' '),
          run: () => onSort(nextSort(direction, sortKey)),
        },
      ]
    : []
  return [
    ...sorting,
    {
      label: item.isPinned ? 'Let it scroll' : 'Keep in view',
      keys: 'P',
      matches: letter('p'),
      run: () => onLayout(withPin(layout, id, !item.isPinned)),
    },
    {
      label: 'Hide',
      keys: 'H',
      matches: letter('h'),
      run: () => onLayout(withVisibility(layout, id, false)),
    },
    {
      label: 'Move left',
      keys: 'Ctrl ←',
      matches: arrow('ArrowLeft', 'ctrlKey'),
      run: () => onLayout(moved(columns, layout, id, -1)),
    },
    {
      label: 'Move right',
      keys: 'Ctrl →',
      matches: arrow('ArrowRight', 'ctrlKey'),
      run: () => onLayout(moved(columns, layout, id, 1)),
    },
    {
      label: 'Narrower',
      keys: 'Shift ←',
      matches: arrow('ArrowLeft', 'shiftKey'),
      run: () => onLayout(resized(layout, id, item.width, -1)),
    },
    {
      label: 'Wider',
      keys: 'Shift →',
      matches: arrow('ArrowRight', 'shiftKey'),
      run: () => onLayout(resized(layout, id, item.width, 1)),
    },
  ]
}
