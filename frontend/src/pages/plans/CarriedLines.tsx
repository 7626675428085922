/** The lines that an addition stands for, where these are several: unfolded on request. */

import { Link } from '@tanstack/react-router'
import type { Operation } from '@/api/plans'
import { formatMoney } from '@/format'
import { useT } from '@/i18n'
import classes from './plans.module.css'

export function CarriedLines({ operation, period }: { operation: Operation; period: string }) {
  const t = useT()
  if (operation.carries.length === 0) return null
  return (
    <details className={classes.second} data-testid="carried-lines">
      <summary>
        {t('Carries {count, plural, one {# line} other {# lines}}', { count: operation.carries.length })}
      </summary>
      <ul>
        {operation.carries.map(({ line_id, invoice_number, product, amount }) => (
          <li key={line_id}>
            {invoice_number ? (
              <Link to="/invoices" search={{ period, search: invoice_number, line: line_id }}>
                {[invoice_number, product].filter(Boolean).join(', ')}
              </Link>
            ) : (
              product
            )}
            : {formatMoney(amount, operation.currency)}
          </li>
        ))}
      </ul>
    </details>
  )
}
