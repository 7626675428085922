/** Money with its currency: the figure right-aligned, the code small beside it. */

import { formatAmount, formatCount } from '@/format'
import { byCurrency, type Amounts } from '@/exact'
import classes from './ui.module.css'

interface Props {
  amount: string
  currency: string
  isStrong?: boolean
}

export function Money({ amount, currency, isStrong }: Props) {
  return (
    <span className={classes.money} data-strong={isStrong} data-negative={amount.startsWith('-')}>
      {formatAmount(amount, currency)}
      <span className={classes.currency}> {currency}</span>
    </span>
  )
}

interface ListProps {
  amounts: Amounts
  isStrong?: boolean
  /** Figures under each other, right-aligned. */
  isStacked?: boolean
}

/** One line per currency: money of two currencies is never added up. */
export function MoneyList({ amounts, isStrong, isStacked }: ListProps) {
  const entries = byCurrency(amounts)
  if (entries.length === 0) return <span className={classes.nothing}>0.00</span>
  return (
    <span className={classes.moneyList} data-stacked={isStacked}>
      {entries.map(([currency, amount]) => (
        <Money key={currency} {...{ amount, currency, isStrong }} />
      ))}
    </span>
  )
}

export function Count({ value }: { value: number }) {
  return <span className="numeric">{formatCount(value)}</span>
}
