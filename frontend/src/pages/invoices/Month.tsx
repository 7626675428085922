/** One month of invoice lines: totals, filters, grid, and the way to the plan. */

import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Inbox } from 'lucide-react'
import { useCallback, useEffect, useRef, useState } from 'react'
import { lineFieldsQuery, lineTotalsQuery, type MonthTotals } from '@/api/lines'
import type { ViewContent } from '@/api/line-views'
import { useRun } from '@/api/live'
import { defaultPeriod, type Period } from '@/api/periods'
import { activeRunsQuery } from '@/api/runs'
import { formatPeriod } from '@/format'
import { ColumnChooser } from '@/grid/ColumnChooser'
import { useT } from '@/i18n'
import { Page } from '@/ui/Page'
import { EmptyState } from '@/ui/states'
import { TipLayer } from '@/ui/TipLayer'
import { BulkEditing } from './bulk/BulkEditing'
import type { LineSelection } from './bulk/scope'
import { LINE_COLUMNS } from './columns'
import { Completeness } from './Completeness'
import { EditDialogs } from './EditDialogs'
import { Files } from './excel/Files'
import { Filters } from './Filters'
import { HoldSummary } from './HoldSummary'
import classes from './invoices.module.css'
import { LineGrid } from './LineGrid'
import { LoadModal } from './LoadModal'
import { PageActions } from './PageActions'
import { Standing } from './Standing'
import { TotalsBar } from './TotalsBar'
import { useColumnLayout } from './useColumnLayout'
import { useLineEdits } from './useLineEdits'
import { filterOf, readSort, type LineView } from './view'
import { AddFilter } from './views/AddFilter'
import { FilterChips } from './views/FilterChips'
import { GroupBy } from './views/GroupBy'
import { Groups } from './views/Groups'
import { openGroup } from './views/members'
import { SavedViews } from './views/SavedViews'
import { useDefaultView } from './views/useDefaultView'
import { contentOf, layoutOf, viewOf } from './views/viewContent'

const route = getRouteApi('/signed-in/invoices')

function currenciesOf(totals: MonthTotals | undefined): string[] {
  const tallies = Object.values(totals?.by_status ?? {})
  return [...new Set(tallies.flatMap(({ amounts }) => Object.keys(amounts)))].sort()
}

const PERIOD_KEY = 'tieout.period'

/** The month worked on in this tab, so that coming back from elsewhere does not change it. */
function rememberedPeriod(periods: Period[]): string | undefined {
  const remembered = sessionStorage.getItem(PERIOD_KEY)
  return periods.find(({ period }) => period === remembered)?.period
}

function useView() {
  const view = route.useSearch()
  const navigate = route.useNavigate()
  const setView = (change: Partial<LineView>) =>
    void navigate({ search: (old) => ({ ...old, ...change }), replace: true })
  return { view, setView }
}

/** The load that is under way, followed to its end. */
function useRunningLoad() {
  const { data: runs } = useQuery(activeRunsQuery)
  const active = runs?.find(({ kind }) => kind === 'load')
  const { data: followed } = useRun(active?.id)
  return followed ?? active
}

export function Month({ periods }: { periods: Period[] }) {
  const t = useT()
  const { view, setView } = useView()
  const chosen = view.period ?? rememberedPeriod(periods) ?? defaultPeriod(periods) ?? ''
  useEffect(() => {
    if (view.period) sessionStorage.setItem(PERIOD_KEY, view.period)
  }, [view.period])
  const period = periods.find((item) => item.period === chosen)
  const load = useRunningLoad()
  const [isLoading, setLoading] = useState(false)
  const { layout, setLayout, reset } = useColumnLayout()
  // Here and not in the grid, which begins anew with each filter: what was edited can still be taken back.
  const edits = useLineEdits()
  const filter = filterOf(view, chosen)
  // Read when a bulk edit begins; the page does not follow every step in the grid.
  const selection = useRef<LineSelection>(undefined)
  const onSelection = useCallback((now: LineSelection | undefined) => void (selection.current = now), [])
  // One answer says what the month holds, what the filter finds and what each tile counts: they move together.
  const shown = useQuery({ ...lineTotalsQuery(filter), enabled: chosen !== '' })
  const { data: fields = [] } = useQuery(lineFieldsQuery)
  const month = shown.data?.month
  const isEmpty = month?.lines === 0

  const show = (content: ViewContent) => {
    setLayout(layoutOf(content, layout))
    setView(viewOf(content))
  }
  useDefaultView(view, show)

  return (
    <Page
      isFilling
      title={t('Invoices')}
      standing={
        <>
          <Standing period={period} totals={month} load={load} />
          {period?.loaded_at && <Completeness key={period.period} period={period} />}
        </>
      }
      actions={
        <>
          {!isEmpty && (
            <BulkEditing
              filter={filter}
              matching={shown.isPlaceholderData ? undefined : shown.data?.lines}
              selection={selection}
            />
          )}
          <PageActions
            periods={periods}
            period={chosen}
            onPeriod={(next) => setView({ period: next })}
            totals={month}
            onLoad={() => setLoading(true)}
          />
        </>
      }
    >
      {isEmpty ? (
        <EmptyState
          icon={Inbox}
          title={t('{month} is not loaded yet', { month: formatPeriod(chosen) })}
          action={
            period?.loadable && <Button onClick={() => setLoading(true)}>{t('Load invoice lines')}</Button>
          }
        >
          {t(
            'Loading brings every invoice of the month from AppXite; invoices not verified yet show as preview.',
          )}
        </EmptyState>
      ) : (
        <>
          <TipLayer className={classes.summary}>
            <TotalsBar
              totals={shown.data}
              status={view.status}
              onStatus={(status) =>
                setView({ status, ...(status === 'held' ? {} : { hold_reason: undefined }) })
              }
            />
            {view.status === 'held' && (
              <HoldSummary
                reasons={shown.data?.facets.hold_reason ?? []}
                chosen={view.hold_reason}
                onChoose={(hold_reason) => setView({ hold_reason })}
              />
            )}
          </TipLayer>
          <Filters
            view={view}
            currencies={currenciesOf(month)}
            onView={setView}
            more={
              <>
                <AddFilter
                  fields={fields}
                  facets={shown.data?.facets ?? {}}
                  more={view.more}
                  onMore={(more) => setView({ more })}
                />
                <GroupBy fields={fields} by={view.group} onGroup={(group) => setView({ group })} />
              </>
            }
          >
            <SavedViews content={contentOf(view, layout)} onChoose={({ content }) => show(content)} />
            <Files filter={filter} sort={view.sort} matching={shown.data?.lines} inMonth={month?.lines} />
            <ColumnChooser
              columns={LINE_COLUMNS}
              layout={layout}
              onLayout={setLayout}
              onReset={reset}
              words={{ columns: t('Columns'), reset: t('Back to the usual columns') }}
            />
          </Filters>
          <FilterChips fields={fields} more={view.more} onMore={(more) => setView({ more })} />
          {view.group ? (
            <Groups
              filter={filter}
              by={view.group}
              title={fields.find(({ name }) => name === view.group)?.label ?? ''}
              onOpen={(by, group) => setView(openGroup(by, group, view.more))}
            />
          ) : (
            <LineGrid
              key={JSON.stringify([filter, view.sort])}
              filter={filter}
              sort={view.sort}
              onSort={(sort) => setView({ sort: readSort(sort) })}
              counted={shown.isPlaceholderData ? undefined : shown.data?.lines}
              edits={edits}
              layout={layout}
              onLayout={setLayout}
              onSelection={onSelection}
              linked={view.line}
              onUnlink={() => setView({ line: undefined })}
            />
          )}
        </>
      )}
      <EditDialogs edits={edits} />
      {isLoading && (
        <LoadModal
          periods={periods}
          running={load}
          onClose={() => setLoading(false)}
          onShow={(next) => setView({ period: next, status: undefined, hold_reason: undefined })}
        />
      )}
    </Page>
  )
}
