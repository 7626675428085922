/** A line that did not go out: whose it is, where it comes from, why it stayed, and its money. */

import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { UnsentItem } from '@/api/receipts'
import { useT } from '@/i18n'
import { Money } from '@/ui/Money'
import table from '@/ui/table.module.css'
import classes from './receipts.module.css'

interface Props {
  line: UnsentItem
  period: string
  /** Why it stayed. */
  children: ReactNode
  testId: string
}

export function StayedRow({ line, period, children, testId }: Props) {
  const t = useT()
  return (
    <tr data-testid={testId}>
      <td>
        <span className={table.name}>{line.organization}</span>
        <span className={classes.second}>{line.subscription}</span>
      </td>
      <td>{line.product}</td>
      <td className={table.nowrap}>{line.invoice_number || line.invoice_id}</td>
      <td className={classes.why}>
        {children}{' '}
        {line.line_id && (
          <Link
            to="/invoices"
            search={{ period, search: line.invoice_number || undefined, line: line.line_id }}
            className={classes.way}
            data-print="no"
          >
            {t('See the line')}
          </Link>
        )}
      </td>
      <td className={table.end}>
        <Money amount={line.amount} currency={line.currency} />
      </td>
    </tr>
  )
}
