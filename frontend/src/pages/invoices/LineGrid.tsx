/** The grid of invoice lines: rows by window, edits as drafts, details, copy, exclude. */

import { useQuery } from '@tanstack/react-query'
import { SearchX } from 'lucide-react'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { lineQuery, type InvoiceLine, type LineFilter, type LineSort } from '@/api/lines'
import type { Copied } from '@/grid/clipboard'
import { Grid } from '@/grid/Grid'
import type { ColumnLayout } from '@/grid/table'
import type { Range } from '@/grid/types'
import { useT } from '@/i18n'
import { tell } from '@/ui/notice'
import { EmptyState, ErrorState, LoadingRows } from '@/ui/states'
import { TipLayer } from '@/ui/TipLayer'
import type { LineSelection } from './bulk/scope'
import { LINE_COLUMNS } from './columns'
import { ConflictDialog } from './ConflictDialog'
import classes from './invoices.module.css'
import { LinePanel } from './LinePanel'
import { MOST_AT_ONCE, SheetFooter } from './SheetFooter'
import { useLineEdits, type LineChange } from './useLineEdits'
import { useLineRows } from './useLineRows'

interface Props {
  filter: LineFilter
  sort: LineSort | undefined
  onSort(sort: string | undefined): void
  counted: number | undefined
  layout: ColumnLayout
  onLayout(layout: ColumnLayout): void
  /** Told of every change, for whoever begins a bulk edit. */
  onSelection(selection: LineSelection | undefined): void
  /** Id of a line whose details are open although nobody opened them here. */
  linked: string | undefined
  onUnlink(): void
}

const lineKey = (line: InvoiceLine) => line.id
const lineTone = (line: InvoiceLine) =>
  line.status === 'excluded' || line.status === 'preview' ? 'quiet' : undefined

export function LineGrid({ filter, sort, onSort, counted, layout, onLayout, ...more }: Props) {
  const { onSelection, linked, onUnlink } = more
  const t = useT()
  const { source, query, isCatchingUp } = useLineRows(filter, sort, counted)
  const { drafts, save, conflict, settle } = useLineEdits()
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

  const onEdit = useCallback(
    (line: InvoiceLine, columnId: string, value: string | null) => {
      const draft = drafts.get(line.id)
      if (value === null && draft && draft.state !== 'saving') drafts.drop(line.id)
      else void save(line, { [columnId]: value })
    },
    [drafts, save],
  )
  const changeAll = useCallback(
    async (lines: InvoiceLine[], change: LineChange) => {
      for (const line of lines) await save(line, change)
    },
    [save],
  )
  const onKey = useCallback(
    (key: string, keyRange: Range): boolean => {
      const line = source.at(keyRange.top)
      if (key === ' ') setOpened(keyRange.top)
      else if (key === 'x' && line && keyRange.bottom - keyRange.top < MOST_AT_ONCE) {
        void changeAll(selected, { excluded: !line.excluded })
      } else return false
      return true
    },
    [source, selected, changeAll],
  )
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
        tone={lineTone}
        onSelect={setRange}
        {...{ source, drafts, layout, onLayout, sort, onSort, onEdit, onCopied, onKey }}
      />
      <SheetFooter
        total={source.total}
        loaded={source.loaded}
        selectedCount={range ? range.bottom - range.top + 1 : 0}
        onChange={(lines, change) => void changeAll(lines, change)}
        {...{ isCatchingUp, selected }}
      />
      {openedLine && (
        <LinePanel
          line={openedLine}
          onClose={() => {
            setOpened(undefined)
            if (linked) onUnlink()
          }}
          onChange={(change) => void save(openedLine, change)}
        />
      )}
      {conflict && <ConflictDialog conflict={conflict} onSettle={settle} />}
    </TipLayer>
  )
}
