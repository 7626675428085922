/** AppXite = additions + unsent, row by row; a row that does not add up is marked in words. */

import { VisuallyHidden } from '@mantine/core'
import type { Receipt } from '@/api/receipts'
import { add } from '@/exact'
import { useT } from '@/i18n'
import { Money } from '@/ui/Money'
import { Card } from '@/ui/Page'
import { StatusBadge } from '@/ui/StatusBadge'
import table from '@/ui/table.module.css'
import classes from './receipts.module.css'

type Total = Receipt['totals'][number]

interface Sum {
  appxite: string
  additions: string
  unsent: string
}

function byCustomer(totals: Total[]): Total[] {
  return [...totals].sort(
    // What does not tie out comes first.
    (a, b) => Number(a.ties_out) - Number(b.ties_out) || a.organization.localeCompare(b.organization),
  )
}

export function sumByCurrency(totals: Total[]): [currency: string, sum: Sum][] {
  const sums = new Map<string, Sum>()
  for (const total of totals) {
    const old = sums.get(total.currency) ?? { appxite: '0', additions: '0', unsent: '0' }
    sums.set(total.currency, {
      appxite: add(old.appxite, total.appxite_total),
      additions: add(old.additions, total.additions_total),
      unsent: add(old.unsent, total.unsent_total),
    })
  }
  return [...sums].sort(([a], [b]) => a.localeCompare(b))
}

export function Totals({ receipt }: { receipt: Receipt }) {
  const t = useT()
  return (
    <Card title={t('Totals per customer and currency')}>
      <div className={table.wrap}>
        <table className={table.table} data-testid="receipt-totals">
          <thead>
            <tr>
              <th scope="col">{t('Customer')}</th>
              <th scope="col" className={table.end}>
                {t('AppXite invoiced')}
              </th>
              <th scope="col" className={classes.sign}>
                <VisuallyHidden>{t('equals')}</VisuallyHidden>
              </th>
              <th scope="col" className={table.end}>
                {t('On additions')}
              </th>
              <th scope="col" className={classes.sign}>
                <VisuallyHidden>{t('plus')}</VisuallyHidden>
              </th>
              <th scope="col" className={table.end}>
                {t('Unsent')}
              </th>
              <th scope="col">{t('Ties out')}</th>
            </tr>
          </thead>
          <tbody>
            {byCustomer(receipt.totals).map((total) => (
              <TotalRow key={`${total.organization_id}/${total.currency}`} total={total} />
            ))}
          </tbody>
          <tfoot className={classes.sums}>
            {sumByCurrency(receipt.totals).map(([currency, sum]) => (
              <tr key={currency}>
                <th scope="row">{t('All, {currency}', { currency })}</th>
                <td className={table.end}>
                  <Money amount={sum.appxite} currency={currency} isStrong />
                </td>
                <td className={classes.sign}>=</td>
                <td className={table.end}>
                  <Money amount={sum.additions} currency={currency} isStrong />
                </td>
                <td className={classes.sign}>+</td>
                <td className={table.end}>
                  <Money amount={sum.unsent} currency={currency} isStrong />
                </td>
                <td />
              </tr>
            ))}
          </tfoot>
        </table>
      </div>
    </Card>
  )
}

function TotalRow({ total }: { total: Total }) {
  const t = useT()
  const sign = total.ties_out ? '=' : '≠'
  return (
    <tr data-off={!total.ties_out}>
      <td className={table.name}>{total.organization}</td>
      <td className={table.end}>
        <Money amount={total.appxite_total} currency={total.currency} />
      </td>
      <td className={classes.sign}>{sign}</td>
      <td className={table.end}>
        <Money amount={total.additions_total} currency={total.currency} />
      </td>
      <td className={classes.sign}>+</td>
      <td className={table.end}>
        <Money amount={total.unsent_total} currency={total.currency} />
      </td>
      <td>
        <StatusBadge tone={total.ties_out ? 'ready' : 'failed'}>
          {total.ties_out ? t('Yes') : t('No')}
        </StatusBadge>
      </td>
    </tr>
  )
}
