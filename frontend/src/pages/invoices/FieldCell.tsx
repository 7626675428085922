/** A value with the badge that says whether rules or a person made it what it is. */

import type { Draft } from '@/grid/drafts'
import { StatusBadge } from '@/ui/StatusBadge'
import classes from './invoices.module.css'
import { PROVENANCE_BADGES } from './provenance'

interface Props {
  text: string
  origin: keyof typeof PROVENANCE_BADGES
  /** Why it is what it is. */
  why: string
  /** Typed and not confirmed yet. */
  typed: string | undefined
  state: Draft['state'] | undefined
}

export function FieldCell({ text, origin, why, typed, state }: Props) {
  const badge = PROVENANCE_BADGES[origin]
  if (state !== undefined) {
    return (
      <>
        <span className={classes.fieldText}>{typed ?? text}</span>
        <span className={classes.draftNote}>{state === 'saving' ? 'Saving…' : 'Not saved'}</span>
      </>
    )
  }
  return (
    <>
      <span className={classes.fieldText}>{text || '–'}</span>
      {badge && (
        <span data-tip={why} data-testid={`badge-${origin}`}>
          <StatusBadge tone={badge.tone} isNote>
            {badge.label}
          </StatusBadge>
        </span>
      )}
    </>
  )
}
