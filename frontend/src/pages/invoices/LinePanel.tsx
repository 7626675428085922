/** Everything about one line: where it goes, where its dates come from, what holds it. */

import { Button, Drawer } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { DateOrigin, InvoiceLine } from '@/api/lines'
import { formatDay, formatInstant, formatQuantity, formatUnitPrice } from '@/format'
import { useT } from '@/i18n'
import { Money } from '@/ui/Money'
import { useReturnFocus } from '@/ui/useReturnFocus'
import { StatusBadge } from '@/ui/StatusBadge'
import { chargeTypeLabel, HOLD_REASONS, LINE_STATUSES } from '@/words/lines'
import classes from './invoices.module.css'
import { Carried } from './Carried'
import { Remedy } from './StatusCell'
import type { LineChange } from './useLineEdits'

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
    <Drawer opened onClose={onClose} position="right" size={460} title={line.subscription || line.offer}>
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
        {line.hold_reasons.length > 0 && <Holds line={line} />}
        {line.push_error && (
          <p className={classes.pushError} role="alert">
            {t('ConnectWise answered: {answer}', { answer: line.push_error })}
          </p>
        )}
        {line.warnings.length > 0 && <Sentences title={t('Warnings')} sentences={line.warnings} />}
        <Facts title={t('From AppXite')}>
          <Fact name={t('Organization')}>{line.organization}</Fact>
          <Fact name={t('Invoice')}>
            {line.invoice_number}, {t('row {row}', { row: line.row_id })}
          </Fact>
          <Fact name={t('Offer')}>{line.offer}</Fact>
          <Fact name={t('Charge type')}>{chargeTypeLabel(line.charge_type)}</Fact>
          <Fact name={t('Quantity × price')}>
            {formatQuantity(line.quantity)} × {formatUnitPrice(line.unit_price)}
          </Fact>
        </Facts>
        <Facts title={t('To ConnectWise')}>
          <Fact name={t('Company')}>{line.company ?? '–'}</Fact>
          <Fact name={t('Agreement')}>{line.agreement ?? '–'}</Fact>
          <Fact name={t('Product')}>{line.product ?? '–'}</Fact>
          {line.addition_quantity && line.addition_unit_price && (
            <Fact name={t('Quantity × price')}>
              {formatQuantity(line.addition_quantity)} × {formatUnitPrice(line.addition_unit_price)},{' '}
              {line.bill_option}
            </Fact>
          )}
          {line.amount !== line.total && (
            <Fact name={t('Price by the rules')}>
              <Money amount={line.amount} currency={line.currency} />
            </Fact>
          )}
          {line.unit_cost && <Fact name={t('Unit cost')}>{formatUnitPrice(line.unit_cost)}</Fact>}
          {line.forecast && (
            <Fact name={t('Will be billed')}>
              <Money amount={line.forecast} currency={line.currency} />
            </Fact>
          )}
          <Fact name={t('Description')}>{line.description || '–'}</Fact>
          {line.sent_at && (
            <Fact name={t('Sent')}>
              {formatInstant(line.sent_at)}, {t('addition {id}', { id: line.addition_id ?? '–' })}
            </Fact>
          )}
        </Facts>
        <Dates line={line} />
        {line.explanation.length > 0 && (
          <Sentences title={t('How it was worked out')} sentences={line.explanation} />
        )}
        <div className={classes.panelActions}>
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

function Sentences({ title, sentences }: { title: string; sentences: string[] }) {
  return (
    <section>
      <h3 className={classes.factsTitle}>{title}</h3>
      <ul className={classes.sentences}>
        {sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </section>
  )
}

function Holds({ line }: { line: InvoiceLine }) {
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

function Dates({ line }: { line: InvoiceLine }) {
  const t = useT()
  const fields: [name: string, field: DateOrigin, empty: string][] = [
    [t('Charge start'), line.provenance.charge_start_date, '–'],
    [t('Charge end'), line.provenance.charge_end_date, t('open')],
  ]
  return (
    <section>
      <h3 className={classes.factsTitle}>{t('Dates and where they come from')}</h3>
      <table className={classes.dates}>
        <thead>
          <tr>
            <th scope="col">{t('Date')}</th>
            <th scope="col">{t('Invoiced')}</th>
            <th scope="col">{t('By rule')}</th>
            <th scope="col">{t('By a person')}</th>
          </tr>
        </thead>
        <tbody>
          {fields.map(([name, field, empty]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {(['source', 'system', 'user'] as const).map((origin) => (
                <td key={origin} data-used={field.provenance === origin}>
                  {formatDay(field[origin]) || (field.provenance === origin ? empty : '–')}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {fields
        .filter(([, field]) => field.explanation)
        .map(([name, field]) => (
          <p key={name} className={classes.explanation}>
            {name}: {field.explanation}
          </p>
        ))}
    </section>
  )
}

function Facts({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h3 className={classes.factsTitle}>{title}</h3>
      <dl className={classes.facts}>{children}</dl>
    </section>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
