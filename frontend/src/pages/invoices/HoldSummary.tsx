/** Held money by reason; a click narrows the grid to one reason. */

import type { HoldReason, LineTotals } from '@/api/lines'
import { formatAmounts, formatCount } from '@/format'
import { useT } from '@/i18n'
import { HOLD_REASONS, holdReasonLabel } from '@/words/lines'
import classes from './invoices.module.css'

interface Props {
  totals: LineTotals | undefined
  chosen: HoldReason | undefined
  onChoose(reason: HoldReason | undefined): void
}

export function HoldSummary({ totals, chosen, onChoose }: Props) {
  const t = useT()
  const reasons = Object.entries(totals?.hold_reasons ?? {}).sort(([, a], [, b]) => b.count - a.count)
  if (reasons.length === 0) return null
  return (
    <div className={classes.holds} role="group" aria-label={t('Held lines by reason')}>
      {reasons.map(([reason, tally]) => (
        <button
          key={reason}
          type="button"
          className={classes.hold}
          aria-pressed={chosen === reason}
          data-tip={HOLD_REASONS[reason as HoldReason]?.action}
          onClick={() => onChoose(chosen === reason ? undefined : (reason as HoldReason))}
        >
          {holdReasonLabel(reason)}
          <span className={classes.holdFigures}>
            {formatCount(tally.count)} · {formatAmounts(tally.amounts)}
          </span>
        </button>
      ))}
    </div>
  )
}
