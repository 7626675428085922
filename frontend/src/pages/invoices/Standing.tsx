/** The first line of the page: where the month stands, and what to do next. */

import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { HoldReason, MonthTotals, Tally } from '@/api/lines'
import type { Period } from '@/api/periods'
import type { Run } from '@/api/runs'
import { formatAmounts, formatCount, formatPeriod } from '@/format'
import { useT } from '@/i18n'
import { HOLD_REASONS } from '@/words/lines'

interface Props {
  period: Period | undefined
  totals: MonthTotals | undefined
  load: Run | undefined
}

function tallyOf(totals: MonthTotals, status: string): Tally {
  return totals.by_status[status] ?? { count: 0, amounts: {} }
}

function biggestHold(totals: MonthTotals): HoldReason | undefined {
  const [first] = Object.entries(totals.hold_reasons).sort(([, a], [, b]) => b.count - a.count)
  return first?.[0] as HoldReason | undefined
}

export function Standing({ period, totals, load }: Props) {
  const t = useT()
  if (!period) return <>{t('No month is chosen.')}</>
  const month = formatPeriod(period.period)
  if (load) {
    const { done, total } = load.progress
    return (
      <>
        {total
          ? t('Loading invoices: {done} of {total}.', { done: formatCount(done), total: formatCount(total) })
          : t('Loading invoices. Organizations and agreements are refreshed first.')}
      </>
    )
  }
  if (!totals) return <>{'\u00a0'}</>
  if (totals.lines === 0) {
    return <>{t('{month} holds no lines yet. Next: load its invoices from AppXite.', { month })}</>
  }
  return (
    <>
      <Situation totals={totals} month={month} /> <NextStep totals={totals} period={period} />
    </>
  )
}

function Situation({ totals, month }: { totals: MonthTotals; month: string }) {
  const t = useT()
  const ready = tallyOf(totals, 'ready')
  const held = tallyOf(totals, 'held')
  const sent = tallyOf(totals, 'sent')
  const parts: ReactNode[] = []
  if (ready.count) {
    parts.push(
      <strong key="ready">
        {t('{count, plural, one {# line is} other {# lines are}} ready', { count: ready.count })} (
        {formatAmounts(ready.amounts)})
      </strong>,
    )
  }
  if (held.count) {
    parts.push(
      <span key="held">
        {t('{count} held', { count: formatCount(held.count) })} ({formatAmounts(held.amounts)})
      </span>,
    )
  }
  if (sent.count) parts.push(<span key="sent">{t('{count} sent', { count: formatCount(sent.count) })}</span>)
  return (
    <>
      {month}:{' '}
      {parts.length ? parts.flatMap((part, index) => (index ? [', ', part] : [part])) : t('nothing to send')}.
    </>
  )
}

function NextStep({ totals, period }: { totals: MonthTotals; period: Period }) {
  const t = useT()
  const held = tallyOf(totals, 'held')
  const reason = biggestHold(totals)
  if (period.quarantined > 0) {
    return (
      <Link to="/runs" search={{ kind: 'load' }}>
        {t('{count, plural, one {# invoice was} other {# invoices were}} kept out.', {
          count: period.quarantined,
        })}
      </Link>
    )
  }
  if (held.count && reason) {
    return (
      <>
        {t('Next:')}{' '}
        <Link from="/invoices" to="." search={(old) => ({ ...old, status: 'held', hold_reason: reason })}>
          {lowerFirst(t(HOLD_REASONS[reason]?.action ?? 'Mend the held lines.'))}
        </Link>
      </>
    )
  }
  if (tallyOf(totals, 'ready').count) return <>{t('Next: plan, look at the difference, push.')}</>
  return <>{t('Nothing waits for you here.')}</>
}

function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1)
}
