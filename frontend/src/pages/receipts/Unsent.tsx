/** What did not go out, as money, with its reasons, and with enough to find it again. Never a silent skip. */

import { Link } from '@tanstack/react-router'
import type { Receipt, UnsentItem } from '@/api/receipts'
import { formatAmounts } from '@/format'
import { useT } from '@/i18n'
import { Card } from '@/ui/Page'
import { StatusBadge } from '@/ui/StatusBadge'
import table from '@/ui/table.module.css'
import { holdReasonLabel, lineStatusWord } from '@/words/lines'
import { billedBeforeAmounts, QUARANTINED, unsentAmounts } from '@/words/receipts'
import classes from './receipts.module.css'
import { ShowAll } from './ShowAll'
import { StayedRow } from './StayedRow'
import { useFirst } from './useFirst'

export function Unsent({ receipt }: { receipt: Receipt }) {
  const t = useT()
  const unsent = receipt.unsent.filter(({ status }) => status !== 'dropped')
  const { shown, hasMore, showAll } = useFirst(unsent)
  const before = unsent.filter(({ status }) => status === 'billed_before').length
  if (unsent.length === 0) {
    return (
      <Card title={t('Not sent')}>
        <p className={classes.none}>
          {receipt.dropped_count ? t('Nothing else stayed behind.') : t('Nothing stayed behind.')}
        </p>
      </Card>
    )
  }
  return (
    <Card
      title={t('{count, plural, one {# line} other {# lines}} not sent, {amounts}', {
        count: unsent.length - before,
        amounts: formatAmounts(unsentAmounts(receipt)),
      }).concat(
        before > 0
          ? t('; {count, plural, one {# line} other {# lines}} billed before go-live, {amounts}', {
              count: before,
              amounts: formatAmounts(billedBeforeAmounts(receipt)),
            })
          : '',
      )}
      aside={
        <Link to="/invoices" search={{ period: receipt.period, status: 'held' }} data-print="no">
          {t('Mend the held ones in Invoices')}
        </Link>
      }
    >
      <div className={table.wrap}>
        <table className={table.table} data-testid="receipt-unsent">
          <thead>
            <tr>
              <th scope="col">{t('Customer and subscription')}</th>
              <th scope="col">{t('Product')}</th>
              <th scope="col">{t('Invoice')}</th>
              <th scope="col">{t('Why')}</th>
              <th scope="col" className={table.end}>
                {t('Amount')}
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((line) => (
              <UnsentRow key={`${line.invoice_id}/${line.row_id}`} line={line} period={receipt.period} />
            ))}
          </tbody>
        </table>
      </div>
      {hasMore && <ShowAll count={unsent.length} onShow={showAll} />}
    </Card>
  )
}

function UnsentRow({ line, period }: { line: UnsentItem; period: string }) {
  const t = useT()
  const word = line.status === 'quarantined' ? QUARANTINED : lineStatusWord(line.status)
  return (
    <StayedRow line={line} period={period} testId="unsent-row">
      <StatusBadge tone={word.tone}>{t(word.label)}</StatusBadge>{' '}
      {line.reasons.map(holdReasonLabel).join(', ') || line.billed_by || t(word.meaning)}
    </StayedRow>
  )
}
