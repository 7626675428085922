/** The last receipts, each with the verdict that counts most. */

import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { receiptsQuery } from '@/api/receipts'
import { formatCount, formatPeriod } from '@/format'
import { useT } from '@/i18n'
import { Card } from '@/ui/Page'
import { ErrorState, LoadingRows } from '@/ui/states'
import { ReceiptBadge } from '@/pages/receipts/ReceiptBadge'
import { When } from '@/ui/When'
import classes from './dashboard.module.css'

export function RecentReceipts() {
  const t = useT()
  const query = useQuery(receiptsQuery)
  return (
    <Card title={t('Receipts')}>
      {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <LoadingRows rows={3} />}
      {query.data?.length === 0 && (
        <p className={classes.nothing}>{t('The first push leaves the first receipt here.')}</p>
      )}
      <ul className={classes.list}>
        {query.data?.slice(0, 5).map((receipt) => (
          <li key={receipt.run_id} className={classes.item}>
            <span>
              <Link to="/receipts/$runId" params={{ runId: receipt.run_id }}>
                {formatPeriod(receipt.period)}
              </Link>
              <span className={classes.second}>
                {t('{count} lines examined', { count: formatCount(receipt.examined) })}
                {receipt.difference_count > 0 &&
                  t(', {count, plural, one {# difference} other {# differences}}', {
                    count: receipt.difference_count,
                  })}
                {receipt.unsent_count > 0 &&
                  t(', {count} not sent', { count: formatCount(receipt.unsent_count) })}
              </span>
            </span>
            <span className={classes.itemEnd}>
              <ReceiptBadge receipt={receipt} />
              <span className={classes.second}>
                <When at={receipt.created_at} />
              </span>
            </span>
          </li>
        ))}
      </ul>
    </Card>
  )
}
