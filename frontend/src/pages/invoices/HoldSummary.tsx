/** Held money by reason; a click narrows the grid to one reason. */

import type { FacetValue, HoldReason } from '@/api/lines'
import { formatAmounts, formatCount } from '@/format'
import { useT } from '@/i18n'
import { HOLD_REASONS, holdReasonLabel } from '@/words/lines'
import classes from './invoices.module.css'

interface Props {
  /** Reasons by number of lines, under the other filters. */
  reasons: FacetValue[]
  chosen: HoldReason | undefined
  onChoose(reason: HoldReason | undefined): void
}

export function HoldSummary({ reasons, chosen, onChoose }: Props) {
  const t = useT()
  if (reasons.length === 0) return null
  return (
    <div className={classes.holds} role="group" aria-label={t('Held lines by reason')}>
      {reasons.map(({ value: reason, lines: tally }) => (
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
