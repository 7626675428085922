/** What did not go out, as money and with its reasons. Never a silent skip. */

import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { flushSync } from 'react-dom'
import type { Receipt } from '@/api/receipts'
import { formatCount } from '@/format'
import { useT } from '@/i18n'
import { Money } from '@/ui/Money'
import { Card } from '@/ui/Page'
import { StatusBadge } from '@/ui/StatusBadge'
import table from '@/ui/table.module.css'
import { holdReasonLabel, lineStatusWord } from '@/words/lines'
import classes from './receipts.module.css'

const FIRST = 100

export function Unsent({ receipt }: { receipt: Receipt }) {
  const t = useT()
  const [isAll, setAll] = useState(false)
  useEffect(() => {
    // On paper nothing is left out; the print is made as soon as this returns.
    const showAll = () => flushSync(() => setAll(true))
    window.addEventListener('beforeprint', showAll)
    return () => window.removeEventListener('beforeprint', showAll)
  }, [])
  const { unsent } = receipt
  if (unsent.length === 0) {
    return (
      <Card title={t('Unsent')}>
        <p className={classes.none}>{t('Nothing stayed behind.')}</p>
      </Card>
    )
  }
  const shown = isAll ? unsent : unsent.slice(0, FIRST)
  return (
    <Card
      title={t('{count, plural, one {# line} other {# lines}} unsent', { count: unsent.length })}
      aside={
        <Link to="/invoices" search={{ period: receipt.period, status: 'held' }} data-print="no">
          {t('Mend them in Invoices')}
        </Link>
      }
    >
      <table className={table.table} data-testid="receipt-unsent">
        <thead>
          <tr>
            <th scope="col">{t('Customer')}</th>
            <th scope="col">{t('Status')}</th>
            <th scope="col">{t('Why')}</th>
            <th scope="col" className={table.end}>
              {t('Amount')}
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((line) => (
            <tr key={`${line.invoice_id}/${line.row_id}`}>
              <td className={table.name}>{line.organization}</td>
              <td>
                <StatusBadge tone={lineStatusWord(line.status).tone}>
                  {t(lineStatusWord(line.status).label)}
                </StatusBadge>
              </td>
              <td>
                {line.reasons.map(holdReasonLabel).join(', ') || t(lineStatusWord(line.status).meaning)}
              </td>
              <td className={table.end}>
                <Money amount={line.amount} currency={line.currency} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {shown.length < unsent.length && (
        <div className={classes.more} data-print="no">
          <Button variant="default" size="xs" onClick={() => setAll(true)}>
            {t('Show all {count}', { count: formatCount(unsent.length) })}
          </Button>
        </div>
      )}
    </Card>
  )
}
