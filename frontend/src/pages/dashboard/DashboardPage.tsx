/** Where one stands: both systems, this month and the last, what ran, what to do next. */

import { useQuery } from '@tanstack/react-query'
import { dashboardQuery, type Dashboard } from '@/api/dashboard'
import { formatPeriod } from '@/format'
import { useT } from '@/i18n'
import { Card, Page } from '@/ui/Page'
import { ErrorState, LoadingRows } from '@/ui/states'
import { Connections } from './Connections'
import classes from './dashboard.module.css'
import { Mirrors } from './Mirrors'
import { MonthCard } from './MonthCard'
import { NextStep } from './NextStep'
import { RecentReceipts } from './RecentReceipts'
import { RecentRuns } from './RecentRuns'

export function DashboardPage() {
  const t = useT()
  const dashboard = useQuery(dashboardQuery)
  return (
    <Page
      title={t('Dashboard')}
      standing={dashboard.data ? <NextStep dashboard={dashboard.data} /> : '\u00a0'}
    >
      {dashboard.isError && !dashboard.data && (
        <ErrorState error={dashboard.error} onRetry={() => void dashboard.refetch()} />
      )}
      {dashboard.isPending && <LoadingRows rows={10} />}
      {dashboard.data && <Overview dashboard={dashboard.data} />}
    </Page>
  )
}

/** The two newest months: the one in progress and the one being closed. */
export function twoMonths(periods: Dashboard['periods']): Dashboard['periods'] {
  return [...periods].sort((a, b) => b.period.localeCompare(a.period)).slice(0, 2)
}

function Overview({ dashboard }: { dashboard: Dashboard }) {
  const t = useT()
  return (
    <>
      <div className={classes.months}>
        {twoMonths(dashboard.periods).map((period) => (
          <MonthCard key={period.period} period={period} title={formatPeriod(period.period)} />
        ))}
      </div>
      <div className={classes.columns}>
        <div className={classes.side}>
          <Card title={t('Last runs')}>
            <RecentRuns />
          </Card>
          <Mirrors mirrors={dashboard.mirrors} />
        </div>
        <div className={classes.side}>
          <Connections connections={dashboard.connections} />
          <RecentReceipts />
        </div>
      </div>
    </>
  )
}
