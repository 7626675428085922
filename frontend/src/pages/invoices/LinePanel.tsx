/** Everything about one line: where it goes, where its dates come from, what holds it. */

import { Button, Drawer } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { InvoiceLine } from '@/api/lines'
import { useT } from '@/i18n'
import { Money } from '@/ui/Money'
import { useReturnFocus } from '@/ui/useReturnFocus'
import { StatusBadge } from '@/ui/StatusBadge'
import { DROP_RULES, LINE_STATUSES } from '@/words/lines'
import classes from './invoices.module.css'
import { Carried } from './Carried'
import { Dates } from './panel/Dates'
import { FromAppXite } from './panel/FromAppXite'
import { Holds } from './panel/Holds'
import { Sentences } from './panel/Sentences'
import { ToConnectWise } from './panel/ToConnectWise'
import { WhatItBills } from './panel/WhatItBills'
import type { LineChange } from './edits'

interface Props {
  line: InvoiceLine
  onClose(): void
  onChange(change: LineChange): void
}

export function LinePanel({ line, onClose, onChange }: Props) {
  const t = useT()
  useReturnFocus()
  const word = LINE_STATUSES[line.status]
  const hasEdits = Object.values(line.provenance).some((field) => field.user !== null)
  const isOrganizationExcluded = line.status === 'excluded' && !line.excluded
  return (
    <Drawer opened onClose={onClose} position="right" size={560} title={line.subscription || line.offer}>
      <div className={classes.panel}>
        <p className={classes.panelHead}>
          <StatusBadge tone={word.tone}>{t(word.label)}</StatusBadge>
          <Money amount={line.total} currency={line.currency} isStrong />
        </p>
        <p className={classes.lead}>{t(word.meaning)}</p>
        <Carried line={line} />
        {isOrganizationExcluded && (
          <Link to="/mapping/organizations" search={{ id: line.organization_id }}>
            {t('{organization} is excluded as a whole. Approve it in Mapping.', {
              organization: line.organization,
            })}
          </Link>
        )}
        {line.dropped_by && (
          <p className={classes.lead} data-testid="dropped-by">
            {t('Rule: {rule}', { rule: t(DROP_RULES[line.dropped_by]) })}.{' '}
            <Link to="/settings/$tab" params={{ tab: 'rules' }}>
              {t('See the billing rules')}
            </Link>
          </p>
        )}
        {line.hold_reasons.length > 0 && <Holds line={line} />}
        {line.push_error && (
          <p className={classes.pushError} role="alert">
            {t('ConnectWise answered: {answer}', { answer: line.push_error })}
          </p>
        )}
        {line.warnings.length > 0 && <Sentences title={t('Warnings')} sentences={line.warnings} />}
        <FromAppXite line={line} />
        <ToConnectWise line={line} />
        <WhatItBills line={line} />
        <Dates line={line} />
        {line.explanation.length > 0 && (
          <Sentences title={t('How it was worked out')} sentences={line.explanation} />
        )}
        <div className={classes.panelActions}>
          {line.dropped_by && (
            <Button onClick={() => onChange({ excluded: false })} data-testid="include-dropped">
              {t('Send it all the same')}
            </Button>
          )}
          <Button variant="default" onClick={() => onChange({ excluded: !line.excluded })}>
            {line.excluded ? t('Include the line') : t('Exclude the line')}
          </Button>
          {hasEdits && (
            <Button
              variant="default"
              onClick={() => onChange({ charge_start_date: null, charge_end_date: null })}
            >
              {t('Clear my edits')}
            </Button>
          )}
        </div>
      </div>
    </Drawer>
  )
}
