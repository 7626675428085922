/** What people billed by hand before go-live, beside the charges of a plan: certain, asked about, and only shown. */

import { useQuery } from '@tanstack/react-query'
import { byHandQuery, useDecideByHand, type ByHandEntry, type Plan } from '@/api/plans'
import { mayWork, meQuery } from '@/api/session'
import { formatAmounts } from '@/format'
import { useT } from '@/i18n'
import { Card } from '@/ui/Page'
import { ErrorState } from '@/ui/states'
import table from '@/ui/table.module.css'
import { ShowAll } from '../receipts/ShowAll'
import { useFirst } from '../receipts/useFirst'
import { ByHandRow } from './ByHandRow'
import classes from './plans.module.css'

const ORDER: (ByHandEntry['state'] | undefined)[] = ['ask', 'bill', 'billed', 'adopt', null]

function hasAny({ by_hand }: Plan): boolean {
  return Object.values(by_hand).some(({ count }) => count > 0)
}

export function ByHand({ plan }: { plan: Plan }) {
  const t = useT()
  const { data: me } = useQuery(meQuery)
  const query = useQuery({ ...byHandQuery(plan.id), enabled: hasAny(plan) })
  const decide = useDecideByHand(plan.id)
  const entries = [...(query.data ?? [])].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state))
  const { shown, hasMore, showAll } = useFirst(entries)
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />
  if (!hasAny(plan)) return null
  return (
    <Card title={t('Billed by hand before go-live')}>
      <p className={classes.byHandLead} data-testid="by-hand-lead">
        <Lead plan={plan} />
      </p>
      {decide.error && <ErrorState error={decide.error} />}
      {entries.length > 0 && (
        <div className={table.wrap}>
          <table className={table.table} data-testid="by-hand">
            <thead>
              <tr>
                <th scope="col">{t('Customer and subscription')}</th>
                <th scope="col" className={table.end}>
                  {t('AppXite charges')}
                </th>
                <th scope="col">{t('Made by hand')}</th>
                <th scope="col">{t('What becomes of it')}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((entry) => (
                <ByHandRow
                  key={entry.line_id ?? entry.additions[0]?.addition_id}
                  entry={entry}
                  mayDecide={mayWork(me) && plan.status !== 'computing'}
                  isPending={decide.isPending}
                  onDecide={(decision) => decide.mutate([decision])}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {hasMore && <ShowAll count={entries.length} onShow={showAll} />}
    </Card>
  )
}

/** The counts and the money, what is asked first. */
function Lead({ plan }: { plan: Plan }) {
  const t = useT()
  const { asked, billed_before, untouched } = plan.by_hand
  const said = [
    asked.count > 0 &&
      t('{count, plural, one {# charge waits} other {# charges wait}} for your decision ({amounts}).', {
        count: asked.count,
        amounts: formatAmounts(asked.amounts),
      }),
    billed_before.count > 0 &&
      t(
        '{count, plural, one {# line} other {# lines}} ({amounts}) billed before go-live, never billed again.',
        {
          count: billed_before.count,
          amounts: formatAmounts(billed_before.amounts),
        },
      ),
    untouched.count > 0 &&
      t(
        '{count, plural, one {# addition} other {# additions}} made by hand ({amounts} in a full period) beside which no charge stands: only shown, never touched.',
        { count: untouched.count, amounts: formatAmounts(untouched.amounts) },
      ),
  ]
  return <>{said.filter(Boolean).join(' ')}</>
}
