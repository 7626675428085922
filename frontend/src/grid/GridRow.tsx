/** One row. Memoised: moving the cursor re-renders the rows it leaves and enters, nothing else. */

import { memo, type CSSProperties } from 'react'
import { CellEditor, type Commit, type Fill, type Leave } from './CellEditor'
import { useDraft, type Draft, type DraftStore } from './drafts'
import type { Focus } from './focus'
import classes from './grid.module.css'
import type { PlacedColumn } from './table'

interface RowProps<Row> {
  index: number
  top: number
  row: Row
  id: string
  placed: PlacedColumn<Row>[]
  drafts: DraftStore
  /** Column with the tab stop, or -1. */
  activeColumn: number
  /** Selected columns of this row, or -1. */
  left: number
  right: number
  editing: Focus['editing']
  /** Column of the fill handle, or -1. */
  handle: number
  /** Columns that the fill under way reaches in this row, or -1. */
  fillLeft: number
  fillRight: number
  tone: string | undefined
  onCommit: Commit<Row>
  onLeave: Leave
  onFill: Fill
}

function GridRowInner<Row>(props: RowProps<Row>) {
  const { index, top, placed, row, activeColumn, left, right, tone } = props
  const draft = useDraft(props.drafts, props.id)
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className={classes.row}
      data-row={index}
      data-tone={tone}
      data-row-id={props.id}
      data-testid="grid-row"
      style={{ transform: `translateY(${top}px)` }}
    >
      {placed.map((item, column) => (
        <GridCell
          key={item.column.id}
          {...{ item, column, row, draft }}
          isActive={column === activeColumn}
          isSelected={column >= left && column <= right && left !== -1}
          editing={column === activeColumn ? props.editing : null}
          hasHandle={column === props.handle}
          isFilling={column >= props.fillLeft && column <= props.fillRight && props.fillLeft !== -1}
          onCommit={props.onCommit}
          onLeave={props.onLeave}
          onFill={props.onFill}
        />
      ))}
    </div>
  )
}

export const GridRow = memo(GridRowInner) as typeof GridRowInner

interface CellProps<Row> {
  item: PlacedColumn<Row>
  column: number
  row: Row
  draft: Draft | undefined
  isActive: boolean
  isSelected: boolean
  hasHandle: boolean
  isFilling: boolean
  editing: Focus['editing']
  onCommit: Commit<Row>
  onLeave: Leave
  onFill: Fill
}

function cellStyle<Row>(item: PlacedColumn<Row>): CSSProperties {
  return { width: item.width, left: item.isPinned ? item.left : undefined }
}

function GridCell<Row>(props: CellProps<Row>) {
  const { item, column, row, draft, isActive, isSelected, editing, onCommit, onLeave, onFill } = props
  const definition = item.column
  const own = draft && definition.id in draft.values ? draft : undefined
  const isEditable = definition.edit !== undefined && !definition.edit.isLocked?.(row)
  return (
    <div
      role="gridcell"
      aria-colindex={column + 1}
      aria-selected={isSelected}
      aria-readonly={isEditable ? undefined : true}
      aria-invalid={own && own.state !== 'saving' ? true : undefined}
      className={classes.cell}
      data-column={column}
      data-active={isActive}
      data-selected={isSelected}
      data-filling={props.isFilling || undefined}
      data-pinned={item.isPinned}
      data-align={definition.align}
      data-editable={isEditable}
      data-draft={own?.state}
      data-testid={`cell-${definition.id}`}
      tabIndex={isActive ? 0 : -1}
      style={cellStyle(item)}
    >
      {editing && definition.edit ? (
        <CellEditor
          edit={definition.edit}
          columnId={definition.id}
          label={definition.title}
          {...{ row, editing, onCommit, onLeave, onFill }}
        />
      ) : (
        (definition.render?.(row, own) ?? <span className={classes.text}>{definition.text(row)}</span>)
      )}
      {props.hasHandle && !editing && <span className={classes.handle} data-fill-handle aria-hidden="true" />}
    </div>
  )
}

interface PlaceholderProps<Row> {
  index: number
  top: number
  placed: PlacedColumn<Row>[]
  activeColumn: number
}

/** A row on its way: the same place and height, so that scrolling never jumps. */
export function PlaceholderRow<Row>({ index, top, placed, activeColumn }: PlaceholderProps<Row>) {
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-busy="true"
      className={classes.row}
      data-row={index}
      style={{ transform: `translateY(${top}px)` }}
    >
      {placed.map((item, column) => (
        <div
          key={item.column.id}
          role="gridcell"
          aria-colindex={column + 1}
          className={classes.cell}
          data-column={column}
          data-pinned={item.isPinned}
          data-active={column === activeColumn}
          data-align={item.column.align}
          tabIndex={column === activeColumn ? 0 : -1}
          style={cellStyle(item)}
        >
          <span className={classes.skeleton} style={{ width: `${40 + ((index * 7 + column * 13) % 40)}%` }} />
        </div>
      ))}
    </div>
  )
}
