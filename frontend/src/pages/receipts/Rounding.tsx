/** What was charged and is finer than the currency, so that no addition can bill it. */

import type { Receipt } from '@/api/receipts'
import { addAmounts } from '@/exact'
import { formatAmounts } from '@/format'
import { useT } from '@/i18n'
import classes from './receipts.module.css'

export function Rounding({ receipt }: { receipt: Receipt }) {
  const t = useT()
  const parts = receipt.totals
    .filter(({ rounded }) => rounded && Number(rounded) !== 0)
    .map(({ currency, rounded }) => ({ [currency]: rounded ?? '0' }))
  if (parts.length === 0) return null
  return (
    <p className={classes.note} data-testid="receipt-rounding">
      {t('Left below the smallest unit of the currency, and billed by no addition: {amounts}.', {
        amounts: formatAmounts(addAmounts(...parts)),
      })}
    </p>
  )
}
