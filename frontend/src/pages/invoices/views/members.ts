/** The filters of the fields that have no place of their own on the page: what they say, as chips and sentences. */

import type { FilterableField, LineGroup, LineGrouping } from '@/api/lines'
import { formatDay } from '@/format'
import type { LineView } from '../view'
import { chargeTypeLabel, holdReasonLabel, LINE_STATUSES } from '@/words/lines'

export type FilterValue = string | number | boolean | (string | number | boolean)[]
export type More = Record<string, FilterValue>

/** Fields with a control of their own: search, tiles, hold reasons, organization, charge type, currency, month. */
const ELSEWHERE = new Set(['period', 'status', 'hold_reason'])

export interface ActiveFilter {
  /** Name of the parameter. */
  name: string
  words: string
}

export function fieldsToAdd(fields: FilterableField[]): FilterableField[] {
  return fields.filter(({ name }) => !ELSEWHERE.has(name))
}

export const listOf = (value: FilterValue | undefined): string[] =>
  value === undefined ? [] : (Array.isArray(value) ? value : [value]).map(String)

export function valueLabel(field: FilterableField, value: string): string {
  if (field.name === 'charge_type') return chargeTypeLabel(value)
  if (field.name === 'hold_reason') return holdReasonLabel(value)
  if (field.name === 'status') return LINE_STATUSES[value as keyof typeof LINE_STATUSES]?.label ?? value
  if (field.kind === 'flag') return value === 'true' ? 'Yes' : 'No'
  const words = value.replaceAll('_', ' ')
  return field.values ? words.charAt(0).toUpperCase() + words.slice(1) : value
}

const WORDS: Record<string, string> = {
  any: 'is',
  not: 'is not',
  contains: 'contains',
  min: 'at least',
  max: 'at most',
  from: 'from',
  to: 'to',
}

/** Filters that are set, each as words: `Total at least 1000`. One that no field knows is shown by its name. */
export function activeFilters(fields: FilterableField[], more: More | undefined): ActiveFilter[] {
  return Object.entries(more ?? {}).map(([name, value]) => {
    for (const field of fields) {
      const operator = Object.entries(field.parameters).find(([, parameter]) => parameter === name)?.[0]
      if (operator) return { name, words: `${field.label} ${said(field, operator, value)}` }
    }
    return { name, words: `${name} ${listOf(value).join(', ')}` }
  })
}

function said(field: FilterableField, operator: string, value: FilterValue): string {
  if (operator === 'empty') return value === true ? 'is empty' : 'is not empty'
  const isDay = field.kind === 'date' || field.kind === 'instant'
  const values = listOf(value).map((each) => (isDay ? formatDay(each) : valueLabel(field, each)))
  return `${WORDS[operator] ?? operator} ${values.join(' or ')}`
}

/** The lines of a group: its value as the filter of the field, and no longer added up. */
export function openGroup(by: LineGrouping, { key }: LineGroup, more: More | undefined): Partial<LineView> {
  const opened: Partial<LineView> = { group: undefined }
  if (key === '') return { ...opened, more: { ...more, [`${by}_empty`]: true } }
  if (by === 'organization' || by === 'charge_type' || by === 'currency' || by === 'period') {
    return { ...opened, [by]: key }
  }
  if (by === 'status') return { ...opened, status: key as LineView['status'] }
  return { ...opened, more: { ...more, [by]: [key] } }
}
