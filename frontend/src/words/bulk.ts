/** The words for bulk edits: states, why a line is left out, and a change as a sentence. */

import type { BulkChange, BulkStatus, EditableField, SkipReason } from '@/api/bulk-edits'
import { formatDay } from '@/format'
import type { Translate } from '@/i18n'
import type { Word } from './word'

export const BULK_STATUSES: Record<BulkStatus, Word> = {
  previewing: { label: 'Being previewed', tone: 'accent', meaning: 'Nothing is changed yet.' },
  ready: { label: 'Previewed', tone: 'quiet', meaning: 'Nothing is changed yet.' },
  applying: { label: 'Being applied', tone: 'accent', meaning: 'All its lines change together.' },
  applied: { label: 'Applied', tone: 'ready', meaning: 'All its lines are changed.' },
  undoing: { label: 'Being undone', tone: 'accent', meaning: 'All its lines change back together.' },
  undone: { label: 'Undone', tone: 'quiet', meaning: 'Its lines are as they would be without it.' },
  redoing: { label: 'Being applied again', tone: 'accent', meaning: 'All its lines change together.' },
  stale: {
    label: 'Not applied',
    tone: 'held',
    meaning: 'Lines changed after its preview, so nothing was changed.',
  },
  failed: { label: 'Not possible', tone: 'failed', meaning: 'Nothing was changed.' },
}

const SKIPPED: Record<SkipReason, string> = {
  unchanged: 'They have these values already',
  invoiced: 'Already invoiced',
  changed_since: 'Changed by somebody since the preview before',
  no_date: 'No date to move',
  date_out_of_range: 'The date would be out of range',
  no_agreement: 'No agreement that fits',
  several_agreements: 'Several agreements fit',
  period_is_open: 'Their period is not invoiced',
  stale_version: 'Changed since their values were typed',
  no_price: 'No price that a percentage could change',
  price_out_of_range: 'The price would be out of range',
}

export const skipReasonLabel = (reason: SkipReason): string => SKIPPED[reason] ?? reason.replaceAll('_', ' ')

/** What a change needs besides itself to be said in words. */
export interface Names {
  fields: EditableField[]
  /** Id → name, of agreements and their types. */
  records: Record<string, string>
}

export const labelOf = (field: string, fields: EditableField[]): string =>
  fields.find((each) => each.field === field)?.label ?? field.replaceAll('_', ' ')

export function valueInWords(field: string, value: unknown, names: Names, t: Translate): string {
  if (value === null || value === undefined || value === '') {
    return field === 'charge_end_date' ? t('Open') : '–'
  }
  if (typeof value === 'boolean') return value ? t('yes') : t('no')
  const editor = names.fields.find((each) => each.field === field)?.editor
  if (editor === 'date') return formatDay(String(value))
  return names.records[String(value)] ?? String(value)
}

function shiftInWords(change: Extract<BulkChange, { kind: 'shift_dates' }>, names: Names, t: Translate) {
  const { months = 0, days = 0, fields = [] } = change
  const parts = [
    months ? t('{count, plural, one {# month} other {# months}}', { count: Math.abs(months) }) : '',
    days ? t('{count, plural, one {# day} other {# days}}', { count: Math.abs(days) }) : '',
  ]
  const signs = [months, days].map((step) => (step < 0 ? t('earlier') : t('later')))
  const by = parts.map((part, index) => (part ? `${part} ${signs[index]}` : '')).filter(Boolean)
  const [only] = fields
  const which = fields.length === 1 && only ? labelOf(only, names.fields) : t('Dates')
  return t('{which}: {by}', { which, by: by.join(', ') })
}

/** `Charge start: 20 Oct 2026`, `Dates: 1 month later`, `Exclude`. */
export function changeInWords(change: BulkChange, names: Names, t: Translate): string {
  switch (change.kind) {
    case 'set':
      if (change.field === 'excluded') return change.value ? t('Exclude') : t('Include')
      return t('{field}: {value}', {
        field: labelOf(change.field, names.fields),
        value: valueInWords(change.field, change.value, names, t),
      })
    case 'clear': {
      const fields = change.fields ?? []
      const isAll = fields.length === 0 || fields.length === names.fields.length
      return isAll
        ? t('Clear all edits')
        : t('Clear edits of {fields}', {
            fields: fields.map((field) => labelOf(field, names.fields)).join(', '),
          })
    }
    case 'shift_dates':
      return shiftInWords(change, names, t)
    case 'agreement_of_type':
      return t('Each customer\u2019s agreement of type {type}', {
        type: names.records[change.type_id] ?? change.type_id,
      })
    case 'next_open_period':
      return t('Move to the next open period')
    case 'percent':
      return t('Unit price: {percent} %', {
        percent: change.percent.startsWith('-') ? change.percent : `+${change.percent}`,
      })
    case 'values':
      return t('Values of each line, from a file')
    default:
      return (change as { kind: string }).kind.replaceAll('_', ' ')
  }
}
