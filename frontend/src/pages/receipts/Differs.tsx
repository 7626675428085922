/** How far what is billed departs from what is charged: the amount, and its direction in words. */

import { useT } from '@/i18n'
import { Money } from '@/ui/Money'
import { directionOf } from '@/words/receipts'
import classes from './receipts.module.css'

interface Props {
  amount: string
  currency: string
  /** Something differs although the sum is zero: too much and too little of the same amount. */
  isOff?: boolean
}

export function Differs({ amount, currency, isOff }: Props) {
  const t = useT()
  const direction = directionOf(amount)
  if (!direction) return <span className={classes.same}>{isOff ? t('see above') : t('none')}</span>
  return (
    <span className={classes.differs} data-direction={direction}>
      <Money amount={amount.replace('-', '')} currency={currency} isStrong />
      <span className={classes.direction}>{t(direction)}</span>
    </span>
  )
}
