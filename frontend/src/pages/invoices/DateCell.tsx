/** A date with the badge that says where it comes from. */

import type { DateOrigin } from '@/api/lines'
import { formatDay } from '@/format'
import type { Draft } from '@/grid/drafts'
import { StatusBadge } from '@/ui/StatusBadge'
import classes from './invoices.module.css'
import { explainProvenance, PROVENANCE_BADGES } from './provenance'

interface Props {
  day: string | null
  /** What no date means: an end that is not set leaves the addition open. */
  empty: string
  field: DateOrigin
  /** Typed and not confirmed yet. */
  draft: string | undefined
  state: Draft['state'] | undefined
}

export function DateCell({ day, empty, field, draft, state }: Props) {
  const badge = PROVENANCE_BADGES[field.provenance]
  if (draft !== undefined) {
    return (
      <>
        <span>{formatDay(draft)}</span>
        <span className={classes.draftNote}>{state === 'saving' ? 'Saving…' : 'Not saved'}</span>
      </>
    )
  }
  return (
    <span className={classes.dateCell}>
      <span className={day ? undefined : classes.openEnd}>{formatDay(day) || empty}</span>
      {badge && (
        <span
          className={classes.dateBadge}
          data-tip={explainProvenance(field)}
          data-testid={`badge-${field.provenance}`}
        >
          <StatusBadge tone={badge.tone} isNote>
            <span className={classes.dateLetter} aria-hidden="true">
              {badge.label.slice(0, 1)}
            </span>
            <span className={classes.dateWords}>{badge.label}</span>
          </StatusBadge>
        </span>
      )}
    </span>
  )
}
