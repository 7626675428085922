/** The system log of the last 30 days: tiles, level, search, live rows. */

import { Button, SegmentedControl, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { ScrollText, Search, X } from 'lucide-react'
import { useState } from 'react'
import { logsQuery, logSummaryQuery } from '@/api/logs'
import { formatCount, timeZone } from '@/format'
import { useT } from '@/i18n'
import { Card, Page, Tile, Tiles } from '@/ui/Page'
import { EmptyState, ErrorState, LoadingRows } from '@/ui/states'
import { When } from '@/ui/When'
import type { LogView } from '../searches'
import { LogRows } from './LogRows'
import { UndeliveredFacts } from './UndeliveredFacts'
import classes from './logs.module.css'

const route = getRouteApi('/signed-in/system-logs')

export function LogsPage() {
  const t = useT()
  const view = route.useSearch()
  const navigate = route.useNavigate()
  const query = useInfiniteQuery(logsQuery(view))
  const entries = query.data?.pages.flatMap((page) => page.items) ?? []
  const setView = (change: LogView) =>
    void navigate({ search: (old) => ({ ...old, ...change }), replace: true })
  return (
    <Page title={t('System Logs')} standing={<LogsStanding />}>
      <Summary />
      <UndeliveredFacts />
      <div className={classes.bar}>
        <SegmentedControl
          aria-label={t('Level')}
          value={view.level ?? 'all'}
          onChange={(value) => setView({ level: value === 'all' ? undefined : (value as LogView['level']) })}
          data={[
            { value: 'all', label: t('All') },
            { value: 'INFO', label: t('Info') },
            { value: 'WARNING', label: t('Warning') },
            { value: 'ERROR', label: t('Error') },
          ]}
        />
        <LogSearch search={view.search} onSearch={(search) => setView({ search })} />
        {view.run_id && (
          <Button
            variant="light"
            rightSection={<X size={14} aria-hidden />}
            onClick={() => setView({ run_id: undefined })}
          >
            {t('Rows of one run')}
          </Button>
        )}
      </div>
      <Card>
        {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
        {query.isPending && <LoadingRows rows={10} />}
        {query.isSuccess && entries.length === 0 && (
          <EmptyState icon={ScrollText} title={t('No log row matches')}>
            {t('Rows of the last 30 days appear here as they are written.')}
          </EmptyState>
        )}
        {entries.length > 0 && <LogRows entries={entries} />}
        {query.hasNextPage && (
          <div className={classes.more}>
            <Button
              variant="default"
              size="xs"
              loading={query.isFetchingNextPage}
              onClick={() => void query.fetchNextPage()}
            >
              {t('Show earlier rows')}
            </Button>
          </div>
        )}
      </Card>
    </Page>
  )
}

function LogsStanding() {
  const t = useT()
  const { data } = useQuery(logSummaryQuery)
  if (!data) return <>{'\u00a0'}</>
  return (
    <>
      {data.errors
        ? t('{errors, plural, one {# error} other {# errors}} in the last 30 days. Times are in {zone}.', {
            errors: data.errors,
            zone: timeZone,
          })
        : t('No error in the last 30 days. Times are in {zone}.', { zone: timeZone })}
    </>
  )
}

function Summary() {
  const t = useT()
  const { data } = useQuery(logSummaryQuery)
  return (
    <Tiles>
      <Tile label={t('Total logs (30 days)')}>{data ? formatCount(data.total) : '…'}</Tile>
      <Tile label={t('Errors (30 days)')} tone={data?.errors ? 'failed' : undefined}>
        {data ? formatCount(data.errors) : '…'}
      </Tile>
      <Tile label={t('Warnings (30 days)')} tone={data?.warnings ? 'held' : undefined}>
        {data ? formatCount(data.warnings) : '…'}
      </Tile>
      <Tile label={t('Last update')}>{data ? <When at={data.last_update} /> : '…'}</Tile>
    </Tiles>
  )
}

function LogSearch({
  search,
  onSearch,
}: {
  search: string | undefined
  onSearch(search: string | undefined): void
}) {
  const t = useT()
  const [typed, setTyped] = useState(search ?? '')
  const tell = useDebouncedCallback((value: string) => onSearch(value.trim() || undefined), 250)
  return (
    <TextInput
      type="search"
      placeholder={t('Search logs')}
      aria-label={t('Search logs')}
      leftSection={<Search size={15} aria-hidden />}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value)
        tell(event.currentTarget.value)
      }}
      w={280}
    />
  )
}
