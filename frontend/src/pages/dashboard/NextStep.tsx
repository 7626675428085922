/** The first line: the one thing to do next, in the order the work has. */

import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Dashboard } from '@/api/dashboard'
import { lineTotalsQuery } from '@/api/lines'
import { defaultPeriod } from '@/api/periods'
import { formatAmounts, formatPeriod } from '@/format'
import { useT } from '@/i18n'
import { SYSTEMS } from '@/pages/settings/systems'

export function NextStep({ dashboard }: { dashboard: Dashboard }) {
  const t = useT()
  const unready = dashboard.connections.find(({ status }) => status !== 'ok' && status !== 'untested')
  const period = defaultPeriod(dashboard.periods.filter(({ loaded_at }) => loaded_at))
  if (unready) {
    return (
      <Link to="/settings/$tab" params={{ tab: 'connections' }} data-testid="next-step">
        {unready.has_secret
          ? t('{system} does not answer as it should. Test the connection.', {
              system: SYSTEMS[unready.system].title,
            })
          : t('Next: connect {system}.', { system: SYSTEMS[unready.system].title })}
      </Link>
    )
  }
  if (!period) {
    return (
      <Link to="/invoices" data-testid="next-step">
        {t('Both systems are connected. Next: load invoices.')}
      </Link>
    )
  }
  return <MonthStep period={period} />
}

function MonthStep({ period }: { period: string }) {
  const t = useT()
  const { data } = useQuery(lineTotalsQuery({ period }))
  const month = formatPeriod(period)
  if (!data) return <>{'\u00a0'}</>
  const { held, ready } = data.by_status
  if (held?.count) {
    return (
      <>
        {t('{month}: {count, plural, one {# line is} other {# lines are}} held ({amounts}).', {
          month,
          count: held.count,
          amounts: formatAmounts(held.amounts),
        })}{' '}
        <Link to="/invoices" search={{ period, status: 'held' }} data-testid="next-step">
          {t('See why')}
        </Link>
      </>
    )
  }
  if (ready?.count) {
    return (
      <>
        {t('{month}: {count, plural, one {# line is} other {# lines are}} ready ({amounts}).', {
          month,
          count: ready.count,
          amounts: formatAmounts(ready.amounts),
        })}{' '}
        <Link to="/invoices" search={{ period }} data-testid="next-step">
          {t('Plan the push')}
        </Link>
      </>
    )
  }
  return <>{t('{month} is where it should be. Nothing waits for you.', { month })}</>
}
