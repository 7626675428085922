/** Always in view: how many lines and how much money are ready, held, excluded, preview, sent. Each is a filter. */

import type { LineStatus, LineTotals, Tally } from '@/api/lines'
import { addAmounts } from '@/exact'
import { formatCount } from '@/format'
import { useT } from '@/i18n'
import { MoneyList } from '@/ui/Money'
import { LINE_STATUSES, STATUS_ORDER } from '@/words/lines'
import classes from './invoices.module.css'

interface Props {
  totals: LineTotals | undefined
  status: LineStatus | undefined
  onStatus(status: LineStatus | undefined): void
}

/** Most partners never have such lines: a tile is there once there is one, so that the others stay in one row. */
const RARE: ReadonlySet<LineStatus> = new Set(['billed_before', 'dropped'])
const NOTHING: Tally = { count: 0, amounts: {} }

export function TotalsBar({ totals, status, onStatus }: Props) {
  const t = useT()
  const byStatus = totals?.by_status ?? {}
  const all: Tally = {
    count: totals?.lines ?? 0,
    amounts: addAmounts(...Object.values(byStatus).map(({ amounts }) => amounts)),
  }
  return (
    <div className={classes.totals} role="group" aria-label={t('Lines by status')} data-testid="totals-bar">
      <StatusTotal
        name="all"
        label={t('All lines')}
        tally={totals ? all : undefined}
        isChosen={!status}
        onChoose={() => onStatus(undefined)}
      />
      {STATUS_ORDER.filter((name) => !RARE.has(name) || name === status || byStatus[name]).map((name) => (
        <StatusTotal
          key={name}
          name={name}
          label={t(LINE_STATUSES[name].label)}
          meaning={t(LINE_STATUSES[name].meaning)}
          tone={LINE_STATUSES[name].tone}
          tally={totals ? (byStatus[name] ?? NOTHING) : undefined}
          isChosen={status === name}
          onChoose={() => onStatus(status === name ? undefined : name)}
        />
      ))}
    </div>
  )
}

interface StatusTotalProps {
  name: string
  label: string
  meaning?: string
  tone?: string
  tally: Tally | undefined
  isChosen: boolean
  onChoose(): void
}

function StatusTotal({ name, label, meaning, tone, tally, isChosen, onChoose }: StatusTotalProps) {
  return (
    <button
      type="button"
      className={classes.total}
      aria-pressed={isChosen}
      data-testid={`status-tab-${name}`}
      data-tip={meaning}
      data-empty={tally?.count === 0}
      onClick={onChoose}
    >
      <span className={classes.totalLabel}>
        {tone && <span className={classes.totalDot} data-tone={tone} aria-hidden />}
        {label}
        <span className={classes.totalCount}>{tally ? formatCount(tally.count) : '…'}</span>
      </span>
      <span className={classes.totalMoney}>{tally ? <MoneyList amounts={tally.amounts} /> : '\u00a0'}</span>
    </button>
  )
}
