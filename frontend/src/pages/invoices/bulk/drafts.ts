/** Changes as they are put together in the dialog, and as the API takes them. Pure. */

import type { BulkChange, EditableField } from '@/api/bulk-edits'
import type { Translate } from '@/i18n'
import { labelOf } from '@/words/bulk'

/** What a person wants to happen: `set:<field>`, or the kind of another change. */
export type Choice = `set:${string}` | Exclude<BulkChange['kind'], 'set' | 'values'>

type DateField = Extract<BulkChange, { kind: 'shift_dates' }>['fields'][number]

export interface Draft {
  id: number
  choice: Choice | null
  /** Of `set`: the value as text; switches say true or false. */
  value: string
  typeId: string | null
  /** Of `shift_dates`. */
  dates: 'both' | DateField
  months: number
  days: number
  /** Of `percent`, as text: digits stay as they are typed. */
  percent: string
  /** Of `clear`; none are all. */
  fields: string[]
}

export const emptyDraft = (id: number): Draft => ({
  id,
  choice: null,
  value: '',
  typeId: null,
  dates: 'both',
  months: 0,
  days: 0,
  percent: '',
  fields: [],
})

export const DATES: DateField[] = ['charge_start_date', 'charge_end_date']

/** The field that a draft sets. */
export function fieldOf(draft: Draft, fields: EditableField[]): EditableField | undefined {
  const name = draft.choice?.startsWith('set:') ? draft.choice.slice(4) : undefined
  return fields.find(({ field }) => field === name)
}

/** The change of a complete draft; nothing while something is missing. */
export function toChange(draft: Draft, fields: EditableField[]): BulkChange | undefined {
  switch (draft.choice) {
    case null:
      return undefined
    case 'next_open_period':
      return { kind: draft.choice }
    case 'agreement_of_type':
      return draft.typeId ? { kind: draft.choice, type_id: draft.typeId } : undefined
    case 'shift_dates': {
      const { months, days, dates } = draft
      if (!months && !days) return undefined
      return { kind: draft.choice, fields: dates === 'both' ? DATES : [dates], months, days }
    }
    case 'percent': {
      const percent = draft.percent.trim().replace(',', '.')
      return /^-?\d+(\.\d+)?$/.test(percent) && Number(percent) !== 0
        ? { kind: draft.choice, field: 'unit_price', percent }
        : undefined
    }
    case 'clear':
      return { kind: draft.choice, fields: draft.fields.length ? draft.fields : fields.map((f) => f.field) }
    default: {
      const found = fieldOf(draft, fields)
      const text = draft.value.trim()
      if (!found || !text) return undefined
      return { kind: 'set', field: found.field, value: found.editor === 'switch' ? text === 'true' : text }
    }
  }
}

/** The fields that a change is about. */
function touched(change: BulkChange): string[] {
  switch (change.kind) {
    case 'set':
    case 'percent':
      return [change.field]
    case 'values': // of a file; this dialog makes none
      return []
    case 'agreement_of_type':
      return ['agreement_id']
    case 'next_open_period':
      return DATES
    default:
      return change.fields
  }
}

/** Fields that two of the changes are about: their order would decide, so the server refuses it. */
export function findTwice(changes: BulkChange[]): string[] {
  const all = changes.flatMap(touched)
  return [...new Set(all.filter((field, index) => all.indexOf(field) !== index))]
}

interface ChoiceGroup {
  group: string
  items: { value: string; label: string }[]
}

/** What can be chosen. A field that the server comes to know appears by itself, with a plain editor at least. */
export function choicesOf(fields: EditableField[], t: Translate): ChoiceGroup[] {
  const set = (field: string, label: string) =>
    fields.some((each) => each.field === field) ? [{ value: `set:${field}`, label }] : []
  const known = new Set([...DATES, 'agreement_id', 'excluded'])
  const others = fields.filter(({ field }) => !known.has(field))
  const groups = [
    {
      group: t('Agreement'),
      items: [
        {
          value: 'agreement_of_type',
          label: t('Assign each customer\u2019s agreement of a type'),
        },
        ...set('agreement_id', t('Assign one agreement')),
      ],
    },
    {
      group: t('Dates'),
      items: [
        ...DATES.flatMap((field) => set(field, t('Set {field}', { field: labelOf(field, fields) }))),
        { value: 'shift_dates', label: t('Move dates by months or days') },
        { value: 'next_open_period', label: t('Move to the next open period') },
      ],
    },
    {
      group: t('Lines'),
      items: [
        ...set('excluded', t('Exclude or include')),
        ...(fields.some(({ field }) => field === 'unit_price')
          ? [{ value: 'percent', label: t('Change unit prices by a percentage') }]
          : []),
        ...others.map(({ field, label }) => ({
          value: `set:${field}`,
          label: t('Set {field}', { field: label }),
        })),
        { value: 'clear', label: t('Clear edits') },
      ],
    },
  ]
  return groups
}
