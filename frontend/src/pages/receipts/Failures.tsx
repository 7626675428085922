/** What ConnectWise refused, with its answer. */

import type { Receipt } from '@/api/receipts'
import { useT } from '@/i18n'
import { Money } from '@/ui/Money'
import { Card } from '@/ui/Page'
import table from '@/ui/table.module.css'
import classes from './receipts.module.css'

export function Failures({ failures }: { failures: Receipt['failures'] }) {
  const t = useT()
  return (
    <Card title={t('{count, plural, one {# failure} other {# failures}}', { count: failures.length })}>
      <table className={table.table} data-testid="receipt-failures">
        <thead>
          <tr>
            <th scope="col">{t('Customer')}</th>
            <th scope="col">{t('ConnectWise answered')}</th>
            <th scope="col" className={table.end}>
              {t('Amount')}
            </th>
          </tr>
        </thead>
        <tbody>
          {failures.map((failure, index) => (
            <tr key={failure.line_id ?? index}>
              <td className={table.name}>{failure.organization}</td>
              <td className={classes.failed}>{failure.error}</td>
              <td className={table.end}>
                <Money amount={failure.amount} currency={failure.currency} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  )
}
