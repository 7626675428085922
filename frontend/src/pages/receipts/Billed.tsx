/** After the fact: what ConnectWise invoiced of each billing period, beside what this receipt expected. */

import type { BilledPeriod, Receipt } from '@/api/receipts'
import { formatDay } from '@/format'
import { useT } from '@/i18n'
import { Money } from '@/ui/Money'
import { Card } from '@/ui/Page'
import { StatusBadge } from '@/ui/StatusBadge'
import table from '@/ui/table.module.css'
import { BILLED_STATES, rankOf } from '@/words/billed'
import { Differs } from './Differs'
import classes from './receipts.module.css'
import { ShowAll } from './ShowAll'
import { useFirst } from './useFirst'

export function Billed({ receipt }: { receipt: Receipt }) {
  const t = useT()
  const periods = [...(receipt.billed ?? [])].sort((a, b) => rankOf(a.state) - rankOf(b.state))
  const { shown, hasMore, showAll } = useFirst(periods)
  if (periods.length === 0) return null
  const differing = periods.filter(({ state }) => rankOf(state) === 0).length
  return (
    <Card
      title={t('What ConnectWise invoiced')}
      aside={
        differing > 0
          ? t('{count, plural, one {# period differs} other {# periods differ}}', { count: differing })
          : undefined
      }
    >
      {receipt.invoices_unread && <p className={classes.none}>{receipt.invoices_unread}</p>}
      <div className={table.wrap}>
        <table className={table.table} data-testid="receipt-billed">
          <thead>
            <tr>
              <th scope="col">{t('Customer and agreement')}</th>
              <th scope="col">{t('Billing period')}</th>
              <th scope="col" className={table.end}>
                {t('Expected')}
              </th>
              <th scope="col" className={table.end}>
                {t('Billed')}
              </th>
              <th scope="col" className={table.end}>
                {t('Difference')}
              </th>
              <th scope="col">{t('State, likely cause, and what to do')}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((period) => (
              <BilledRow
                key={`${period.agreement_id}/${period.period_start}/${period.currency}`}
                period={period}
              />
            ))}
          </tbody>
        </table>
      </div>
      {hasMore && <ShowAll count={periods.length} onShow={showAll} />}
    </Card>
  )
}

function BilledRow({ period }: { period: BilledPeriod }) {
  const t = useT()
  const { currency, billed, difference, invoice_numbers: numbers } = period
  const word = BILLED_STATES[period.state]
  return (
    <tr data-testid="billed-row" data-state={period.state}>
      <td>
        <span className={table.name}>{period.organization}</span>
        <span className={classes.second}>{period.agreement}</span>
      </td>
      <td className={table.nowrap}>
        {t('{first} to {last}', {
          first: formatDay(period.period_start),
          last: formatDay(period.period_end),
        })}
      </td>
      <td className={table.end}>
        <Money amount={period.expected} currency={currency} />
      </td>
      <td className={table.end}>{billed === null ? '–' : <Money amount={billed} currency={currency} />}</td>
      <td className={table.end}>
        {difference === null ? '–' : <Differs amount={difference} currency={currency} />}
      </td>
      <td className={classes.why}>
        <StatusBadge tone={word.tone} meaning={t(word.meaning)}>
          {t(word.label)}
        </StatusBadge>{' '}
        {numbers.length > 0 && t('Invoice {numbers}.', { numbers: numbers.join(', ') })} {period.cause}
        {period.next_step && <span className={classes.second}>{period.next_step}</span>}
      </td>
    </tr>
  )
}
