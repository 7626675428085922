/** Before and after of each field an operation writes, and why it is so. */

import type { Operation } from '@/api/plans'
import { formatDay, formatUnitPrice } from '@/format'
import { useT } from '@/i18n'
import { fieldLabel } from '@/words/plans'
import classes from './plans.module.css'

const DAY = /^\d{4}-\d{2}-\d{2}/
const DECIMAL = /^-?\d+(\.\d+)?$/

export function fieldValue(field: string, value: unknown): string {
  if (value === null || value === undefined || value === '')
    return field.includes('cancelled') ? 'open' : 'none'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  if (field.endsWith('_date') && DAY.test(text)) return formatDay(text)
  if (field.includes('price') && DECIMAL.test(text)) return formatUnitPrice(text)
  return text
}

export function Changes({ operation }: { operation: Operation }) {
  const t = useT()
  const { kind, changes, after, explanation } = operation
  return (
    <div className={classes.changes}>
      {kind === 'create' ? (
        <NewAddition after={after} />
      ) : (
        changes.map((change) => (
          <span key={change.field} className={classes.change}>
            <span className={classes.soft}>{fieldLabel(change.field)}</span>
            <del className={classes.before}>{fieldValue(change.field, change.before)}</del>
            <span aria-hidden>→</span>
            <ins className={classes.after}>{fieldValue(change.field, change.after)}</ins>
          </span>
        ))
      )}
      {explanation.length > 0 && (
        <details className={classes.why}>
          <summary>{t('Why')}</summary>
          <ul>
            {explanation.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </details>
      )}
    </div>
  )
}

/** A new addition has no before: quantity, price and days say what it will be. */
function NewAddition({ after }: { after: Operation['after'] }) {
  const t = useT()
  const value = (field: string) => fieldValue(field, after[field])
  return (
    <>
      {after.quantity !== undefined && (
        <span className={classes.after}>
          {value('quantity')} × {value('unit_price')}
        </span>
      )}
      {after.effective_date !== undefined && (
        <span className={classes.soft}>
          {after.cancelled_date
            ? t('from {start} to {end}', { start: value('effective_date'), end: value('cancelled_date') })
            : t('from {start}, open-ended', { start: value('effective_date') })}
        </span>
      )}
    </>
  )
}
