/** Status in words; a held line says why and leads to where it is mended. */

import { VisuallyHidden } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { TriangleAlert } from 'lucide-react'
import type { HoldReason, InvoiceLine } from '@/api/lines'
import { StatusBadge } from '@/ui/StatusBadge'
import { HOLD_REASONS, holdReasonLabel, LINE_STATUSES } from '@/words/lines'
import classes from './invoices.module.css'

export function StatusCell({ line }: { line: InvoiceLine }) {
  const word = LINE_STATUSES[line.status]
  const [first, ...others] = line.hold_reasons
  return (
    <>
      {/* A reason says by itself that the line is held; its colour and the hidden word repeat it. */}
      {line.status === 'held' && first ? (
        <span className={classes.heldDot} data-tip={word.meaning}>
          <VisuallyHidden>{word.label}</VisuallyHidden>
        </span>
      ) : (
        <span data-tip={word.meaning}>
          <StatusBadge tone={word.tone}>{word.label}</StatusBadge>
        </span>
      )}
      {line.warnings.length > 0 && (
        <span
          className={classes.warn}
          data-tip={line.warnings.join('\n')}
          role="img"
          aria-label={line.warnings.join(' ')}
        >
          <TriangleAlert size={14} aria-hidden />
        </span>
      )}
      {line.status === 'held' && first && (
        <>
          <Remedy isInGrid line={line} reason={first} className={classes.reason} />
          {others.length > 0 && (
            <span className={classes.more} data-tip={others.map(holdReasonLabel).join('\n')}>
              +{others.length}
            </span>
          )}
        </>
      )}
    </>
  )
}

interface RemedyProps {
  line: Pick<InvoiceLine, 'organization_id' | 'offer_id'>
  reason: HoldReason
  className?: string
  /** In the grid a link is no tab stop of its own, and dates are edited in place. */
  isInGrid?: boolean
  children?: string
}

/** The reason as a link to the page that mends it, or as plain text where nothing in Tieout does. */
export function Remedy({ line, reason, className, isInGrid, children }: RemedyProps) {
  const { label, action, remedy } = HOLD_REASONS[reason]
  const words = children ?? label
  const shared = {
    className,
    tabIndex: isInGrid ? -1 : undefined,
    'data-tip': action,
    'data-testid': 'hold-fix',
  }
  switch (remedy) {
    case 'map-organization':
    case 'choose-agreement':
      return (
        <Link to="/mapping/organizations" search={{ id: line.organization_id }} {...shared}>
          {words}
        </Link>
      )
    case 'map-product':
      return (
        <Link to="/mapping/products" search={{ id: line.offer_id }} {...shared}>
          {words}
        </Link>
      )
    case 'rules':
      return (
        <Link to="/settings/$tab" params={{ tab: 'rules' }} {...shared}>
          {words}
        </Link>
      )
    case 'runs':
      return (
        <Link to="/runs" {...shared}>
          {words}
        </Link>
      )
    case 'edit-dates':
      return isInGrid ? (
        <button type="button" data-edit-column="charge_start_date" {...shared}>
          {words}
        </button>
      ) : (
        <span>{words}</span>
      )
    default:
      return (
        <span className={classes.reasonText} data-tip={action}>
          {words}
        </span>
      )
  }
}
