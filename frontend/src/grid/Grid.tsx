/** A virtualised, editable grid: keyboard, range selection, copy and paste, fill, inline edit. Knows no domain. */

import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { CellChange } from './block'
import { BlockReview } from './BlockReview'
import { toTsv, type Copied } from './clipboard'
import type { DraftStore } from './drafts'
import { clamp, goTo, selectedRange, START, type Focus } from './focus'
import classes from './grid.module.css'
import { GridHeader } from './GridHeader'
import { GridRow, PlaceholderRow } from './GridRow'
import type { ColumnLayout } from './layout'
import { usePlacedColumns } from './table'
import type { GridColumn, Place, Range, RowSource } from './types'
import { useBlockEdits } from './useBlockEdits'
import { useGridKeys } from './useGridKeys'
import { filledRows, useGridPointer } from './useGridPointer'
import { HEADER_HEIGHT, useViewport } from './useViewport'

export interface GridProps<Row> {
  label: string
  columns: GridColumn<Row>[]
  source: RowSource<Row>
  rowKey(row: Row): string
  /** What tells the row from others, for people. */
  rowName(row: Row): string
  drafts: DraftStore
  layout: ColumnLayout
  onLayout(layout: ColumnLayout): void
  sort: string | undefined
  onSort(sort: string | undefined): void
  /** Cells that a person changed by one gesture, all of them read and accepted. Stable between renders. */
  onEditCells(changes: CellChange<Row>[]): void
  onUndo?(): void
  onRedo?(): void
  onSelect?(range: Range): void
  onCopied?(copied: Copied): void
  /** Keys that the grid does not use itself; true when the page used it. */
  onKey?(key: string, range: Range): boolean
  /** Look of a whole row, as a data attribute. */
  tone?(row: Row): string | undefined
}

export function Grid<Row>(props: GridProps<Row>) {
  const { columns, source, layout, onLayout, onSelect, onCopied, rowName, onEditCells } = props
  const container = useRef<HTMLDivElement>(null)
  const [wished, setFocus] = useState<Focus>(START)
  const placed = usePlacedColumns(columns, layout, onLayout)
  const visible = useMemo(() => placed.map(({ column }) => column), [placed])
  const extent = { rows: source.total, columns: placed.length }
  const focus = useMemo(
    () => within(wished, extent.rows, extent.columns),
    [wished, extent.rows, extent.columns],
  )
  const range = useMemo(() => selectedRange(focus), [focus])
  const viewport = useViewport(container, source, focus.active.row, layout.density)
  const takesFocus = useRef(false)

  const move = useCallback((next: Focus) => {
    takesFocus.current = true
    setFocus(next)
  }, [])

  useEffect(() => onSelect?.(range), [onSelect, range])

  const { reveal } = viewport
  // A row that arrives replaces its placeholder, and the focus would go with the placeholder.
  useLayoutEffect(() => {
    if (takesFocus.current && document.activeElement === document.body) focusActive(container.current)
  }, [source])

  useLayoutEffect(() => {
    if (!takesFocus.current) return
    reveal(focus.active.row, placed[focus.active.column])
    if (!focus.editing) focusActive(container.current)
  }, [focus, placed, reveal])

  const { rows, columns: columnCount } = extent
  const leaveEditor = useCallback(
    (step: Place) => {
      takesFocus.current = true
      setFocus((old) => {
        const target = { row: old.active.row + step.row, column: old.active.column + step.column }
        return goTo(old, clamp(target, { rows, columns: columnCount, page: 1 }), false)
      })
    },
    [rows, columnCount],
  )
  const sheet = useMemo(() => ({ source, columns: visible, rowName }), [source, visible, rowName])
  const block = useBlockEdits(sheet, range, onEditCells)
  const onKeyDown = useGridKeys({ ...props, focus, move, visible, page: viewport.page, block })
  const { handlers, fillRow } = useGridPointer({
    ...{ focus, move, visible },
    canEdit: (place) => canEdit(source.at(place.row), visible[place.column]),
    fillTo: block.fillTo,
  })
  const filling = filledRows(range, fillRow)
  const isFillable = visible.slice(range.left, range.right + 1).some(({ edit }) => edit)
  const commit = useCallback(
    (row: Row, columnId: string, value: string | null) => onEditCells([{ row, columnId, value }]),
    [onEditCells],
  )
  const { fill } = block
  const fillFromEditor = useCallback(
    (text: string) => {
      takesFocus.current = true
      setFocus((old) => ({ ...old, editing: null }))
      fill(text)
    },
    [fill],
  )

  const copy = (event: React.ClipboardEvent) => {
    if (focus.editing) return
    event.preventDefault()
    const copied = toTsv(source, visible, range)
    event.clipboardData.setData('text/plain', copied.text)
    onCopied?.(copied)
  }

  const paste = (event: React.ClipboardEvent) => {
    if (focus.editing) return
    event.preventDefault()
    block.paste(event.clipboardData.getData('text/plain'))
  }

  const leave = ({ relatedTarget }: React.FocusEvent) => {
    if (relatedTarget && !container.current?.contains(relatedTarget)) takesFocus.current = false
  }

  return (
    <>
      <div
        ref={container}
        className={classes.grid}
        data-density={layout.density}
        role="grid"
        aria-label={props.label}
        aria-rowcount={source.total + 1}
        aria-colcount={placed.length}
        aria-multiselectable="true"
        data-testid="grid"
        onKeyDown={onKeyDown}
        onCopy={copy}
        onPaste={paste}
        onBlur={leave}
        {...handlers}
      >
        <GridHeader
          width={widthOf(placed)}
          sort={props.sort}
          onSort={props.onSort}
          {...{ placed, columns, layout, onLayout }}
        />
        <div
          role="rowgroup"
          className={classes.body}
          style={{ height: source.total * viewport.height, minWidth: widthOf(placed) }}
        >
          {viewport.items.map(({ index, start }) => {
            const row = source.at(index)
            const top = start - HEADER_HEIGHT
            const activeColumn = index === focus.active.row ? focus.active.column : -1
            if (row === undefined) {
              return <PlaceholderRow key={index} {...{ index, top, placed, activeColumn }} />
            }
            const isSelected = index >= range.top && index <= range.bottom
            return (
              <GridRow
                key={index}
                {...{ index, top, placed, row, activeColumn }}
                id={props.rowKey(row)}
                drafts={props.drafts}
                left={isSelected ? range.left : -1}
                right={isSelected ? range.right : -1}
                handle={isFillable && index === range.bottom ? range.right : -1}
                fillLeft={isWithin(filling, index) ? range.left : -1}
                fillRight={isWithin(filling, index) ? range.right : -1}
                editing={activeColumn >= 0 ? focus.editing : null}
                tone={props.tone?.(row)}
                onCommit={commit}
                onLeave={leaveEditor}
                onFill={fillFromEditor}
              />
            )
          })}
        </div>
      </div>
      {/* Outside: keys pressed in the dialog are not keys of the grid. */}
      <BlockReview review={block.review} settle={block.settle} />
    </>
  )
}

function isWithin(rows: Range | undefined, index: number): boolean {
  return rows !== undefined && index >= rows.top && index <= rows.bottom
}

function focusActive(grid: HTMLElement | null): void {
  grid?.querySelector<HTMLElement>('[data-active="true"]')?.focus({ preventScroll: true })
}

function widthOf<Row>(placed: { width: number; column: GridColumn<Row> }[]): number {
  return placed.reduce((sum, { width }) => sum + width, 0)
}

function canEdit<Row>(row: Row | undefined, column: GridColumn<Row> | undefined): boolean {
  return row !== undefined && column?.edit !== undefined && !column.edit.isLocked?.(row)
}

/** A focus whose cells exist, after rows or columns went away. */
function within(focus: Focus, rows: number, columns: number): Focus {
  const extent = { rows, columns, page: 1 }
  const active = clamp(focus.active, extent)
  const anchor = clamp(focus.anchor, extent)
  const isSame = same(active, focus.active) && same(anchor, focus.anchor)
  return isSame ? focus : { active, anchor, editing: null }
}

function same(a: Place, b: Place): boolean {
  return a.row === b.row && a.column === b.column
}
