/**
 * Always in view: how many lines and how much money are ready, held, excluded, preview, sent. Each is a filter.
 * The tiles count what the other filters leave, and say so as soon as that is not the whole month.
 */

import type { LineStatus, LineTotals, MonthTotals, Tally } from '@/api/lines'
import { addAmounts } from '@/exact'
import { formatAmounts, formatCount } from '@/format'
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
  const tallies = totals?.facets.status ?? []
  const byStatus: Partial<Record<string, Tally>> = Object.fromEntries(
    tallies.map(({ value, lines }) => [value, lines]),
  )
  const all: Tally = {
    count: tallies.reduce((sum, { lines }) => sum + lines.count, 0),
    amounts: addAmounts(...tallies.map(({ lines }) => lines.amounts)),
  }
  return (
    <>
      {totals && all.count < totals.month.lines && <WhatTilesCount counted={all} month={totals.month} />}
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
    </>
  )
}

function WhatTilesCount({ counted, month }: { counted: Tally; month: MonthTotals }) {
  const t = useT()
  return (
    <p className={classes.tilesCount} data-testid="tiles-count">
      {t('The tiles count what the filter finds: {found} of {all} lines, {money} of {everything}.', {
        found: formatCount(counted.count),
        all: formatCount(month.lines),
        money: formatAmounts(counted.amounts),
        everything: formatAmounts(month.amounts),
      })}
    </p>
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
