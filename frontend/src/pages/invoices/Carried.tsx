/** What becomes of a line that is billed together with others, or whose charge is finer than its currency. */

import type { InvoiceLine } from '@/api/lines'
import { formatMoney } from '@/format'
import { useT } from '@/i18n'
import classes from './invoices.module.css'

export function Carried({ line }: { line: InvoiceLine }) {
  const t = useT()
  const isFine = !line.is_gathered && Number(line.remainder) !== 0
  if (isFine)
    return (
      <p className={classes.lead}>
        {t('Billed as {amount}; the remainder of {remainder} goes into the rounding of the month.', {
          amount: formatMoney(line.amount, line.currency),
          remainder: formatMoney(line.remainder, line.currency),
        })}
      </p>
    )
  if (!line.is_gathered) return null
  return (
    <p className={classes.lead} data-testid="carried-with">
      {line.addition_id
        ? t(
            '{count, plural, =0 {Carried alone} one {Carried with # other line} other {Carried with # other lines}} in addition {id}.',
            { count: line.carried_with, id: line.addition_id },
          )
        : t('Goes out in one addition with the other usage of its subscription.')}
    </p>
  )
}
