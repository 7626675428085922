/** One addition with its billing periods; a true-up stands, set in, under the addition that it corrects. */

import { VisuallyHidden } from '@mantine/core'
import type { LifeAddition, LifePeriod } from '@/api/additions'
import { signOf } from '@/exact'
import { formatAmount, formatDay, formatDays, formatQuantity, formatUnitPrice } from '@/format'
import { useT } from '@/i18n'
import { StatusBadge } from '@/ui/StatusBadge'
import { ADOPTED, LIFE_STATES } from '@/words/lives'
import classes from './life.module.css'

/** The year in which an agreement ends that is invoiced once, and has one endless period. */
const NEVER = '9999'

interface Props {
  addition: LifeAddition
  currency: string
}

export function AdditionRows({ addition, currency }: Props) {
  return (
    <tbody data-kind={addition.kind} data-of-line={addition.is_of_line} data-testid="life-addition">
      <tr className={classes.addition}>
        <th scope="rowgroup" colSpan={4}>
          <Heading addition={addition} />
        </th>
      </tr>
      {addition.words && (
        <tr>
          <td colSpan={4} className={classes.words}>
            {addition.words}
          </td>
        </tr>
      )}
      {addition.periods.map((period) => (
        <PeriodRow key={period.starts_on} period={period} currency={currency} />
      ))}
    </tbody>
  )
}

function Heading({ addition }: { addition: LifeAddition }) {
  const t = useT()
  const state = LIFE_STATES[addition.state]
  return (
    <>
      <span className={classes.name}>
        <strong>{useName(addition)}</strong>
        <StatusBadge tone={state.tone} meaning={t(state.meaning)} isNote>
          {t(state.label)}
        </StatusBadge>
        {addition.is_adopted && (
          <StatusBadge tone={ADOPTED.tone} meaning={t(ADOPTED.meaning)} isNote>
            {t(ADOPTED.label)}
          </StatusBadge>
        )}
        <span className={classes.id}>{t('addition {id}', { id: addition.addition_id })}</span>
      </span>
      <span className={classes.terms}>
        {formatQuantity(addition.quantity)} × {formatUnitPrice(addition.unit_price)}
        {addition.bill_option !== 'Billable' && `, ${addition.bill_option}`}
        {' · '}
        {addition.last_billed_day
          ? formatDays(addition.starts_on, addition.last_billed_day)
          : t('from {day} on', { day: formatDay(addition.starts_on) })}
      </span>
    </>
  )
}

function useName({ kind, segment, corrects }: LifeAddition): string {
  const t = useT()
  if (kind === 'segment') return t('Segment {number}', { number: segment })
  if (kind === 'one_time') return t('One-time charge')
  return corrects ? t('True-up of addition {id}', { id: corrects }) : t('True-up')
}

function PeriodRow({ period, currency }: { period: LifePeriod; currency: string }) {
  const t = useT()
  return (
    <tr className={classes.period} data-current={period.is_current} data-invoiced={period.is_invoiced}>
      <th scope="row">
        {period.ends_on.startsWith(NEVER)
          ? t('from {day} on', { day: formatDay(period.starts_on) })
          : formatDays(period.starts_on, period.ends_on)}
        {period.is_current && <span className={classes.today}>{t('today')}</span>}
        {period.words && <span className={classes.words}>{t(period.words)}</span>}
      </th>
      <td className={classes.amount}>
        {period.amount === null ? t('not known') : formatAmount(period.amount, currency)}
        {!period.is_invoiced && <VisuallyHidden>{t('expected')}</VisuallyHidden>}
      </td>
      <td>
        {period.charged === null ? '–' : formatAmount(period.charged, currency)}
        {period.charges.map((charge) => (
          <span key={charge.line_id} className={classes.words}>
            {charge.invoice_number || charge.invoice_id}
            {period.charges.length > 1 && ` ${formatAmount(charge.amount, currency)}`}
          </span>
        ))}
      </td>
      <td data-differs={period.difference !== null && signOf(period.difference) !== 0}>
        <Difference amount={period.difference} currency={currency} />
      </td>
    </tr>
  )
}

/** With its sign: a plus is billed too much. */
function Difference({ amount, currency }: { amount: string | null; currency: string }) {
  if (amount === null) return '–'
  return `${signOf(amount) > 0 ? '+' : ''}${formatAmount(amount, currency)}`
}
