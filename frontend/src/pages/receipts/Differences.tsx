/** Additions that will bill something else than AppXite charges: how much, why, and what can be done. */

import { Link } from '@tanstack/react-router'
import type { Difference, Receipt } from '@/api/receipts'
import { useT } from '@/i18n'
import { Money } from '@/ui/Money'
import { Card } from '@/ui/Page'
import table from '@/ui/table.module.css'
import { DIFFERENCE_KINDS, unmeantDifferences } from '@/words/receipts'
import { Differs } from './Differs'
import classes from './receipts.module.css'
import { ShowAll } from './ShowAll'
import { useFirst } from './useFirst'

export function Differences({ receipt }: { receipt: Receipt }) {
  const t = useT()
  const differences = unmeantDifferences(receipt)
  const { shown, hasMore, showAll } = useFirst(differences)
  if (differences.length === 0) return null
  return (
    <Card
      title={t('{count, plural, one {# difference} other {# differences}} to what AppXite charges', {
        count: differences.length,
      })}
    >
      <div className={table.wrap}>
        <table className={table.table} data-testid="receipt-differences">
          <thead>
            <tr>
              <th scope="col">{t('Customer and subscription')}</th>
              <th scope="col">{t('Agreement')}</th>
              <th scope="col" className={table.end}>
                {t('Charged')}
              </th>
              <th scope="col" className={table.end}>
                {t('Will bill')}
              </th>
              <th scope="col" className={table.end}>
                {t('Difference')}
              </th>
              <th scope="col">{t('Why, and what to do')}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((difference, index) => (
              <DifferenceRow
                key={`${difference.addition_id ?? ''}/${index}`}
                difference={difference}
                period={receipt.period}
              />
            ))}
          </tbody>
        </table>
      </div>
      {hasMore && <ShowAll count={differences.length} onShow={showAll} />}
    </Card>
  )
}

function DifferenceRow({ difference, period }: { difference: Difference; period: string }) {
  const t = useT()
  const { organization, subscription, agreement, currency, charged, expected, amount } = difference
  return (
    <tr data-testid="difference-row">
      <td>
        <span className={table.name}>{organization}</span>
        <span className={classes.second}>{subscription}</span>
      </td>
      <td>{agreement}</td>
      <td className={table.end}>
        <Money amount={charged} currency={currency} />
      </td>
      <td className={table.end}>
        <Money amount={expected} currency={currency} />
      </td>
      <td className={table.end}>
        <Differs amount={amount} currency={currency} />
      </td>
      <td className={classes.why}>
        <strong>{t(DIFFERENCE_KINDS[difference.kind])}. </strong>
        {difference.reason}
        <span className={classes.second}>
          {difference.next_step} <Way difference={difference} period={period} />
        </span>
      </td>
    </tr>
  )
}

/** Where the next step is taken: the month where it is planned, or the lines of the subscription. */
function Way({ difference, period }: { difference: Difference; period: string }) {
  const t = useT()
  const { kind, organization_id, subscription } = difference
  const isOfMonth = kind === 'no_charge' || kind === 'not_charged_yet'
  const organization = organization_id || undefined
  const search = isOfMonth ? { period } : { period, organization, search: subscription || undefined }
  return (
    <Link to="/invoices" search={search} className={classes.way} data-print="no">
      {isOfMonth ? t('Open the month') : t('See its lines')}
    </Link>
  )
}
