/** The grid of invoice lines: rows by window, edits as drafts, details, copy, exclude. */

import { useQuery } from '@tanstack/react-query'
import { SearchX } from 'lucide-react'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { lineQuery, type InvoiceLine, type LineFilter, type LineOrder } from '@/api/lines'
import type { CellChange } from '@/grid/block'
import type { Copied } from '@/grid/clipboard'
import { Grid } from '@/grid/Grid'
import type { ColumnLayout } from '@/grid/layout'
import type { Range } from '@/grid/types'
import { useT } from '@/i18n'
import { tell } from '@/ui/notice'
import { EmptyState, ErrorState, LoadingRows } from '@/ui/states'
import { TipLayer } from '@/ui/TipLayer'
import type { LineSelection } from './bulk/scope'
import { LINE_COLUMNS } from './columns'
import classes from './invoices.module.css'
import { LinePanel } from './LinePanel'
import { MOST_AT_ONCE, SheetFooter } from './SheetFooter'
import type { LineChange } from './edits'
import type { useLineEdits } from './useLineEdits'
import { useLineRows } from './useLineRows'

interface Props {
  filter: LineFilter
  sort: LineOrder | undefined
  onSort(sort: string | undefined): void
  counted: number | undefined
  edits: ReturnType<typeof useLineEdits>
  layout: ColumnLayout
  onLayout(layout: ColumnLayout): void
  /** Told of every change, for whoever begins a bulk edit. */
  onSelection(selection: LineSelection | undefined): void
  /** Id of a line whose details are open although nobody opened them here. */
  linked: string | undefined
  onUnlink(): void
}

const lineKey = (line: InvoiceLine) => line.id
const lineName = (line: InvoiceLine) => `${line.organization}, ${line.subscription}`
const lineTone = (line: InvoiceLine) =>
  ['excluded', 'dropped', 'preview'].includes(line.status) ? 'quiet' : undefined

export function LineGrid(props: Props) {
  const { filter, sort, onSort, counted, edits, layout, onLayout, onSelection, linked, onUnlink } = props
  const t = useT()
  const { source, query, isCatchingUp } = useLineRows(filter, sort, counted)
  const { drafts, saveCells, change, undo, redo, progress } = edits
  const [range, setRange] = useState<Range>()
  const [opened, setOpened] = useState<number>()
  const { data: linkedLine } = useQuery({ ...lineQuery(linked ?? ''), enabled: linked !== undefined })
  const openedLine = opened === undefined ? (linked ? linkedLine : undefined) : source.at(opened)

  const selected = useMemo(() => {
    const lines: InvoiceLine[] = []
    if (!range) return lines
    for (let index = range.top; index <= Math.min(range.bottom, source.loaded - 1); index += 1) {
      const line = source.at(index)
      if (line) lines.push(line)
    }
    return lines
  }, [range, source])

  useEffect(() => {
    const count = range ? range.bottom - range.top + 1 : 0
    onSelection({ count, ids: selected.map(({ id }) => id) })
    return () => onSelection(undefined)
  }, [onSelection, range, selected])

  const onEditCells = useCallback(
    (changes: CellChange<InvoiceLine>[]) =>
      void saveCells(changes.map(({ row, columnId, value }) => ({ line: row, field: columnId, value }))),
    [saveCells],
  )
  const changeAll = useCallback(
    (lines: InvoiceLine[], wanted: LineChange) => void change(lines, wanted),
    [change],
  )
  const onKey = useCallback(
    (key: string, keyRange: Range): boolean => {
      const line = source.at(keyRange.top)
      if (key === ' ') setOpened(keyRange.top)
      else if (key === 'x' && line && keyRange.bottom - keyRange.top < MOST_AT_ONCE) {
        changeAll(selected, { excluded: !line.excluded })
      } else return false
      return true
    },
    [source, selected, changeAll],
  )
  const menu = (of: Range) => [
    { label: 'Details', keys: 'Space', run: () => onKey(' ', of) },
    { label: 'Exclude or include', keys: 'X', run: () => onKey('x', of) },
  ]
  const onCopied = useCallback(
    ({ rows, missing }: Copied) => {
      if (rows + missing < 2) return
      const message = missing ? t('{missing} more were not read yet; scroll to them first.', { missing }) : ''
      tell(t('{rows} lines copied', { rows }), message)
    },
    [t],
  )

  // Lines that a load just brought are on their way: not an empty month.
  const isRefilling = source.total === 0 && query.isFetching
  if (query.isPending || isRefilling) return <LoadingRows rows={14} />
  if (query.isError && !query.data)
    return <ErrorState error={query.error} onRetry={() => void query.refetch()} />
  if (source.total === 0) {
    return (
      <EmptyState icon={SearchX} title={t('No line matches')}>
        {t('Choose another status, or clear the filters.')}
      </EmptyState>
    )
  }
  return (
    <TipLayer className={classes.sheet}>
      {query.isFetchNextPageError && (
        <ErrorState error={query.error} onRetry={() => void query.fetchNextPage()} />
      )}
      <Grid
        label={t('Invoice lines')}
        columns={LINE_COLUMNS}
        rowKey={lineKey}
        rowName={lineName}
        tone={lineTone}
        onSelect={setRange}
        onUndo={undo}
        onRedo={redo}
        {...{ source, drafts, layout, onLayout, sort, onSort, onEditCells, onCopied, onKey, menu }}
      />
      <SheetFooter
        total={source.total}
        loaded={source.loaded}
        selectedCount={range ? range.bottom - range.top + 1 : 0}
        onChange={changeAll}
        {...{ isCatchingUp, selected, progress }}
      />
      {openedLine && (
        <LinePanel
          line={openedLine}
          onClose={() => {
            setOpened(undefined)
            if (linked) onUnlink()
          }}
          onChange={(wanted) => changeAll([openedLine], wanted)}
        />
      )}
    </TipLayer>
  )
}
