/** Every field that people may change: what was invoiced, what the rules say, what a person decided, and who and why. */

import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { originsQuery, useRevertEdit } from '@/api/line-origins'
import type { FieldOrigin, InvoiceLine } from '@/api/lines'
import { formatInstant } from '@/format'
import { useT } from '@/i18n'
import { tellProblem } from '@/ui/notice'
import { ErrorState, LoadingRows } from '@/ui/states'
import { showValue } from '../fields'
import classes from '../invoices.module.css'

export function Origins({ line }: { line: InvoiceLine }) {
  const t = useT()
  const { data, error, refetch } = useQuery(originsQuery(line.id, line.version))
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />
  if (!data) return <LoadingRows rows={10} />
  const { items, names } = data
  const refused = items.filter(({ why_not }) => why_not)
  return (
    <section>
      <h3 className={classes.factsTitle}>{t('Values and where they come from')}</h3>
      <table className={classes.dates}>
        <thead>
          <tr>
            <th scope="col">{t('Field')}</th>
            <th scope="col">{t('Invoiced')}</th>
            <th scope="col">{t('By rule')}</th>
            <th scope="col">{t('By a person')}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((field) => (
            <OriginRow key={field.field} {...{ field, names, line }} />
          ))}
        </tbody>
      </table>
      {refused.length > 0 && (
        <p className={classes.explanation}>
          {t('{fields} can no longer be changed.', { fields: refused.map(({ label }) => label).join(', ') })}{' '}
          {t('ConnectWise has invoiced the line. Quantity and unit price can: the difference is a true-up.')}
        </p>
      )}
      <p className={classes.explanation}>
        {t('By rules version {version}.', { version: data.rules_version })}
      </p>
    </section>
  )
}

interface RowProps {
  field: FieldOrigin
  names: Record<string, string>
  line: InvoiceLine
}

/** An end without a day is open; a field that nothing is said of has no value. */
function emptyOf({ field, provenance }: FieldOrigin, origin: FieldOrigin['provenance']): string {
  return field === 'charge_end_date' && provenance === origin ? 'open' : '–'
}

function OriginRow({ field, names, line }: RowProps) {
  const t = useT()
  const values = { source: field.source, system: field.system, user: field.user }
  return (
    <>
      <tr data-testid={`origin-${field.field}`}>
        <th scope="row">{t(field.label)}</th>
        {(['source', 'system', 'user'] as const).map((origin) => (
          <td key={origin} data-used={field.provenance === origin}>
            {showValue(field.field, values[origin], names) || t(emptyOf(field, origin))}
          </td>
        ))}
      </tr>
      <tr className={classes.originNote}>
        <td colSpan={4}>
          {field.edit_id ? (
            <Decided field={field} line={line} />
          ) : (
            t('By rule: {why}', { why: field.explanation })
          )}
        </td>
      </tr>
    </>
  )
}

/** Who decided it, when and why, and the way back. */
function Decided({ field, line }: { field: FieldOrigin; line: InvoiceLine }) {
  const t = useT()
  const { mutate, isPending } = useRevertEdit()
  const { edit_id: editId, decided_by: who, decided_at: at, reason, why_not: whyNot } = field
  return (
    <span className={classes.decided}>
      <span>
        {t('User Updated by {who}, {when}', { who, when: formatInstant(at) })}
        {reason && `: ${reason}`}
      </span>
      {editId && !whyNot && (
        <Button
          variant="default"
          size="compact-xs"
          loading={isPending}
          aria-label={t('Revert the edit of {field}', { field: t(field.label) })}
          onClick={() => mutate({ id: line.id, editId, version: line.version }, { onError: tellProblem })}
          data-testid={`revert-${field.field}`}
        >
          {t('Revert')}
        </Button>
      )}
    </span>
  )
}
