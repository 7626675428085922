/** One month as a bar of its lines by status, with the money beside each. */

import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lineTotalsQuery, type LineTotals } from '@/api/lines'
import type { Period } from '@/api/periods'
import { formatCount } from '@/format'
import { useT } from '@/i18n'
import { MoneyList } from '@/ui/Money'
import { Card } from '@/ui/Page'
import { LoadingRows } from '@/ui/states'
import { When } from '@/ui/When'
import { LINE_STATUSES, STATUS_ORDER } from '@/words/lines'
import classes from './dashboard.module.css'

export function MonthCard({ period, title }: { period: Period; title: string }) {
  const t = useT()
  const totals = useQuery({
    ...lineTotalsQuery({ period: period.period }),
    enabled: period.loaded_at !== null,
  })
  return (
    <Card
      title={title}
      aside={
        period.loaded_at ? (
          <span className={classes.soft}>
            {t('{count} lines', { count: formatCount(period.lines) })}, {t('loaded')}{' '}
            <When at={period.loaded_at} />
          </span>
        ) : undefined
      }
    >
      {!period.loaded_at && (
        <div className={classes.unloaded}>
          <span>{t('Not loaded yet.')}</span>
          <Button component={Link} to={`/invoices?period=${period.period}`} variant="default" size="xs">
            {t('Open in Invoices')}
          </Button>
        </div>
      )}
      {period.loaded_at && !totals.data && <LoadingRows rows={3} />}
      {totals.data && <MonthFigures period={period.period} totals={totals.data} />}
    </Card>
  )
}

function MonthFigures({ period, totals }: { period: string; totals: LineTotals }) {
  const t = useT()
  const present = STATUS_ORDER.filter((status) => (totals.by_status[status]?.count ?? 0) > 0)
  if (present.length === 0) return <p className={classes.nothing}>{t('No lines.')}</p>
  return (
    <div className={classes.month}>
      <div className={classes.bar} aria-hidden>
        {present.map((status) => (
          <span
            key={status}
            data-tone={LINE_STATUSES[status].tone}
            style={{ flexGrow: totals.by_status[status]?.count }}
          />
        ))}
      </div>
      <table className={classes.figures}>
        <thead className={classes.hidden}>
          <tr>
            <th scope="col">{t('Status')}</th>
            <th scope="col">{t('Lines')}</th>
            <th scope="col">{t('Money')}</th>
          </tr>
        </thead>
        <tbody>
          {present.map((status) => (
            <tr key={status}>
              <th scope="row">
                <span className={classes.dot} data-tone={LINE_STATUSES[status].tone} aria-hidden />
                <Link to="/invoices" search={{ period, status }}>
                  {t(LINE_STATUSES[status].label)}
                </Link>
              </th>
              <td>
                {t('{count, plural, one {# line} other {# lines}}', {
                  count: totals.by_status[status]?.count ?? 0,
                })}
              </td>
              <td>
                <MoneyList amounts={totals.by_status[status]?.amounts ?? {}} isStrong isStacked />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
