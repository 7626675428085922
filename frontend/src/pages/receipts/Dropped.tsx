/** What billing rules do not pass on: each line with its rule and its money. */

import type { Receipt } from '@/api/receipts'
import { formatAmounts } from '@/format'
import { useT } from '@/i18n'
import { Card } from '@/ui/Page'
import table from '@/ui/table.module.css'
import { DROP_RULES } from '@/words/lines'
import { droppedAmounts } from '@/words/receipts'
import classes from './receipts.module.css'
import { ShowAll } from './ShowAll'
import { StayedRow } from './StayedRow'
import { useFirst } from './useFirst'

/** The number of lines, and their money where they have any: a zero line has none. */
function useSummary({ totals, dropped_count }: Pick<Receipt, 'totals' | 'dropped_count'>): string {
  const t = useT()
  const amounts = droppedAmounts({ totals })
  const words = t('{count, plural, one {# line} other {# lines}} dropped by rules', {
    count: dropped_count,
  })
  return Object.keys(amounts).length > 0 ? `${words}, ${formatAmounts(amounts)}` : words
}

export function DroppedNote({ receipt }: { receipt: Receipt }) {
  const summary = useSummary(receipt)
  if (!receipt.dropped_count) return null
  return (
    <p className={classes.note} data-testid="receipt-dropped-note">
      {summary}.
    </p>
  )
}

export function Dropped({ receipt }: { receipt: Receipt }) {
  const t = useT()
  const summary = useSummary(receipt)
  const dropped = receipt.unsent.filter(({ status }) => status === 'dropped')
  const { shown, hasMore, showAll } = useFirst(dropped)
  if (dropped.length === 0) return null
  return (
    <Card title={summary}>
      <div className={table.wrap}>
        <table className={table.table} data-testid="receipt-dropped">
          <thead>
            <tr>
              <th scope="col">{t('Customer and subscription')}</th>
              <th scope="col">{t('Product')}</th>
              <th scope="col">{t('Invoice')}</th>
              <th scope="col">{t('Rule')}</th>
              <th scope="col" className={table.end}>
                {t('Charged, and not passed on')}
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((line) => (
              <StayedRow
                key={`${line.invoice_id}/${line.row_id}`}
                line={line}
                period={receipt.period}
                testId="dropped-row"
              >
                {line.dropped_by && t(DROP_RULES[line.dropped_by])}
              </StayedRow>
            ))}
          </tbody>
        </table>
      </div>
      {hasMore && <ShowAll count={dropped.length} onShow={showAll} />}
    </Card>
  )
}
