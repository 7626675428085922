/** Charged + marked up = on agreements + not sent + dropped by rules, and what is expected to be billed of it; what differs is said in words. */

import type { Difference, Receipt, ReceiptTotal } from '@/api/receipts'
import { signOf } from '@/exact'
import { useT } from '@/i18n'
import { Money } from '@/ui/Money'
import { Card } from '@/ui/Page'
import { StatusBadge } from '@/ui/StatusBadge'
import table from '@/ui/table.module.css'
import { isOlder, unmeantDifferences } from '@/words/receipts'
import { Differs } from './Differs'
import { differenceOf, hasMarkup, sumByCurrency } from './sums'
import classes from './receipts.module.css'

/** What does not add up comes first, then what will be billed differently. */
function inOrder(totals: ReceiptTotal[]): ReceiptTotal[] {
  const rank = ({ ties_out, bills_as_charged }: ReceiptTotal) =>
    !ties_out ? 0 : bills_as_charged === false ? 1 : 2
  return [...totals].sort((a, b) => rank(a) - rank(b) || a.organization.localeCompare(b.organization))
}

export function Totals({ receipt }: { receipt: Receipt }) {
  const t = useT()
  const isOld = isOlder(receipt)
  const isMarkedUp = hasMarkup(receipt.totals)
  const hasDropped = receipt.totals.some(({ dropped }) => signOf(dropped ?? '0') !== 0)
  const differences = unmeantDifferences(receipt)
  return (
    <Card title={t('Totals per customer and currency')}>
      <div className={table.wrap}>
        <table className={table.table} data-testid="receipt-totals">
          <thead>
            <tr>
              <th scope="col">{t('Customer')}</th>
              <Figure name={t('Charged')} />
              {isMarkedUp && <Figure name={t('Marked up')} />}
              <Figure name={t('On agreements')} />
              <Figure name={t('Not sent')} />
              {hasDropped && <Figure name={t('Dropped by rules')} />}
              {!isOld && (
                <>
                  <Figure name={t('Not billable')} />
                  <Figure name={t('Expected to be billed')} />
                  <Figure name={t('Net difference')} />
                </>
              )}
            </tr>
          </thead>
          <tbody>
            {inOrder(receipt.totals).map((total) => (
              <TotalRow
                key={`${total.organization_id || total.organization}/${total.currency}`}
                {...{ total, differences, isOld, isMarkedUp, hasDropped }}
              />
            ))}
          </tbody>
          <tfoot className={classes.sums}>
            {sumByCurrency(receipt.totals, differences).map(([currency, sum]) => (
              <tr key={currency}>
                <th scope="row">{t('All, {currency}', { currency })}</th>
                <Sum amount={sum.charged} currency={currency} />
                {isMarkedUp && <Sum amount={sum.markedUp} currency={currency} />}
                <Sum amount={sum.onAgreements} currency={currency} />
                <Sum amount={sum.unsent} currency={currency} />
                {hasDropped && <Sum amount={sum.dropped} currency={currency} />}
                {!isOld && (
                  <>
                    <Sum amount={sum.notBillable} currency={currency} />
                    <Sum amount={sum.expected} currency={currency} />
                    <td className={table.end}>
                      <Differs amount={sum.difference} currency={currency} />
                    </td>
                  </>
                )}
              </tr>
            ))}
          </tfoot>
        </table>
      </div>
    </Card>
  )
}

function Figure({ name }: { name: string }) {
  return (
    <th scope="col" className={table.end}>
      {name}
    </th>
  )
}

function Sum({ amount, currency }: { amount: string; currency: string }) {
  return (
    <td className={table.end}>
      <Money amount={amount} currency={currency} isStrong />
    </td>
  )
}

interface RowProps {
  total: ReceiptTotal
  differences: Difference[]
  isOld: boolean
  isMarkedUp: boolean
  hasDropped: boolean
}

function TotalRow({ total, differences, isOld, isMarkedUp, hasDropped }: RowProps) {
  const t = useT()
  const { currency } = total
  const money = (amount: string | null | undefined) =>
    amount === null || amount === undefined ? '–' : <Money amount={amount} currency={currency} />
  return (
    <tr data-off={!total.ties_out}>
      <td>
        <span className={table.name}>{total.organization}</span>
        {!total.ties_out && (
          <>
            {' '}
            <StatusBadge tone="failed" isNote>
              {t('≠ not accounted for')}
            </StatusBadge>
          </>
        )}
      </td>
      <td className={table.end}>{money(total.appxite_total)}</td>
      {isMarkedUp && <td className={table.end}>{money(total.marked_up)}</td>}
      <td className={table.end}>{money(total.additions_total)}</td>
      <td className={table.end}>{money(total.unsent_total)}</td>
      {hasDropped && <td className={table.end}>{money(total.dropped)}</td>}
      {!isOld && (
        <>
          <td className={table.end}>{money(total.not_billable)}</td>
          <td className={table.end}>{money(total.expected_billed)}</td>
          <td className={table.end}>
            <Differs
              amount={differenceOf(total, differences)}
              currency={currency}
              isOff={total.bills_as_charged === false}
            />
          </td>
        </>
      )}
    </tr>
  )
}
