/** Every load, push and mirror: what it was, how it went, what came of it. */

import { Button, Select } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { CopyCheck, History } from 'lucide-react'
import { isUnderWay, mayExamine, runsQuery, useExamine } from '@/api/runs'
import { runKindValues } from '@/api/schema.gen'
import { meQuery } from '@/api/session'
import { useT } from '@/i18n'
import { Card, Page } from '@/ui/Page'
import { EmptyState, ErrorState, LoadingRows } from '@/ui/states'
import { When } from '@/ui/When'
import { RUN_KINDS, RUN_STATUSES } from '@/words/runs'
import { RunTable } from './RunTable'
import classes from './runs.module.css'
import type { RunView } from '../searches'

const route = getRouteApi('/signed-in/runs')

export function RunsPage() {
  const t = useT()
  const view = route.useSearch()
  const navigate = route.useNavigate()
  const query = useInfiniteQuery(runsQuery(view))
  const runs = query.data?.pages.flatMap((page) => page.items) ?? []
  const setView = (change: RunView) =>
    void navigate({ search: (old) => ({ ...old, ...change }), replace: true })
  const active = runs.filter(isUnderWay).length
  const failed = runs.find((run) => run.status === 'failed')
  return (
    <Page
      title={t('Runs')}
      standing={
        active ? (
          t('{active, plural, one {# run is} other {# runs are}} under way.', { active })
        ) : failed && failed === runs[0] ? (
          t('The last run failed. Open it to see why.')
        ) : runs[0] ? (
          <>
            {t('Nothing is under way. The last run ended')} <When at={runs[0].finished_at} />.
          </>
        ) : undefined
      }
      actions={
        <div className={classes.filters}>
          <CheckForDuplicates />
          <Select
            aria-label={t('Kind')}
            placeholder={t('Every kind')}
            data={runKindValues.map((value) => ({ value, label: t(RUN_KINDS[value]) }))}
            value={view.kind ?? null}
            onChange={(value) => setView({ kind: (value ?? undefined) as RunView['kind'] })}
            clearable
            w={180}
          />
          <Select
            aria-label={t('Status')}
            placeholder={t('Every status')}
            data={Object.entries(RUN_STATUSES).map(([value, { label }]) => ({ value, label: t(label) }))}
            value={view.status ?? null}
            onChange={(value) => setView({ status: (value ?? undefined) as RunView['status'] })}
            clearable
            w={150}
          />
        </div>
      }
    >
      <Card>
        {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
        {query.isPending && <LoadingRows rows={10} />}
        {query.isSuccess && runs.length === 0 && (
          <EmptyState icon={History} title={t('No run yet')}>
            {t('Loading invoices and pushing additions leave their runs here.')}
          </EmptyState>
        )}
        {runs.length > 0 && <RunTable runs={runs} />}
        {query.hasNextPage && (
          <div className={classes.more}>
            <Button
              variant="default"
              size="xs"
              loading={query.isFetchingNextPage}
              onClick={() => void query.fetchNextPage()}
            >
              {t('Show earlier runs')}
            </Button>
          </div>
        )}
      </Card>
    </Page>
  )
}

/** Looks for additions that stand twice, as happens every night; answers on the page of its run. */
function CheckForDuplicates() {
  const t = useT()
  const navigate = useNavigate()
  const { data: me } = useQuery(meQuery)
  const examine = useExamine()
  if (!mayExamine(me)) return null
  const start = () =>
    examine.mutate(undefined, {
      onSuccess: ({ id }) => void navigate({ to: '/runs/$runId', params: { runId: id } }),
    })
  return (
    <>
      {examine.error && <ErrorState error={examine.error} />}
      <Button
        variant="default"
        leftSection={<CopyCheck size={15} aria-hidden />}
        loading={examine.isPending}
        onClick={start}
        data-testid="check-for-duplicates"
      >
        {t('Check for duplicates')}
      </Button>
    </>
  )
}
