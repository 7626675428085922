/** What holds a line, each reason with the way to mend it. */

import type { InvoiceLine } from '@/api/lines'
import { HOLD_REASONS } from '@/words/lines'
import classes from '../invoices.module.css'
import { Remedy } from '../StatusCell'

export function Holds({ line }: { line: InvoiceLine }) {
  return (
    <ul className={classes.panelHolds}>
      {line.hold_reasons.map((reason) => (
        <li key={reason}>
          <strong>{HOLD_REASONS[reason].label}.</strong>{' '}
          <Remedy line={line} reason={reason}>
            {HOLD_REASONS[reason].action}
          </Remedy>
        </li>
      ))}
    </ul>
  )
}
