/** What people may change of a line: names, words for values, and what stays once ConnectWise has invoiced it. */

import type { InvoiceLine } from '@/api/lines'
import { formatDay, formatQuantity, formatUnitPrice } from '@/format'

export const FIELD_LABELS = {
  charge_start_date: 'Charge start',
  charge_end_date: 'Charge end',
  quantity: 'Quantity',
  unit_price: 'Unit price',
  description: 'Description',
  bill_option: 'Bill option',
  taxable: 'Taxable',
  product_id: 'PSA product',
  agreement_id: 'PSA agreement',
  excluded: 'Excluded',
} as const

export type Field = keyof typeof FIELD_LABELS

export const BILL_OPTIONS: Record<InvoiceLine['bill_option'], string> = {
  Billable: 'Billable',
  DoNotBill: 'Do not bill',
  NoCharge: 'No charge',
}
export const YES_NO = ['Yes', 'No'] as const

/** Once invoiced, a changed quantity or price goes out as a true-up; the rest is on the customer's invoice. */
const AFTER_INVOICING = new Set<string>(['quantity', 'unit_price', 'excluded'])
export const INVOICED =
  'ConnectWise has invoiced this line, so this stays as it was sent. Quantity and unit price can be changed: the difference goes out as a true-up.'

export function isDecided(line: InvoiceLine, field: Field): boolean {
  return (line.decided[field] ?? null) !== null
}

/** Why a field of a line cannot be changed; undefined where it can. */
export function whyNot(line: InvoiceLine, field: Field): string | undefined {
  return line.is_invoiced && !AFTER_INVOICING.has(field) ? INVOICED : undefined
}

const FIELDS = Object.keys(FIELD_LABELS) as Field[]

/** Gives every field back to the rules. Exclusion has its own button. */
export const CLEARED: Partial<Record<Field, null>> = Object.fromEntries(
  FIELDS.filter((field) => field !== 'excluded').map((field) => [field, null]),
)

/** A change that gives every decided field back to the rules that can still change. */
export function clearing(line: InvoiceLine): Record<string, null> {
  const decided = FIELDS.filter(
    (field) => field !== 'excluded' && isDecided(line, field) && !whyNot(line, field),
  )
  return Object.fromEntries(decided.map((field) => [field, null]))
}

/** The text that a person's value of a field has, or undefined where the rules hold. */
export function decidedText(line: InvoiceLine, field: Field): string | undefined {
  const value = line.decided[field]
  return typeof value === 'string' ? value : undefined
}

/** A field of a line as it is in force, in words. */
export function showField(line: InvoiceLine, field: Field): string {
  switch (field) {
    case 'quantity':
    case 'unit_price':
      return showValue(field, line.decided[field] ?? line[field])
    case 'product_id':
      return line.product ?? ''
    case 'agreement_id':
      return line.agreement ?? ''
    default:
      return showValue(field, line[field])
  }
}

/** A value of a field in words. `names` are those of products and agreements by id. */
export function showValue(field: string, value: unknown, names: Record<string, string> = {}): string {
  if (typeof value === 'boolean') return value ? 'Yes' : 'No'
  if (typeof value !== 'string') return ''
  switch (field) {
    case 'charge_start_date':
    case 'charge_end_date':
      return formatDay(value)
    case 'quantity':
      return formatQuantity(value)
    case 'unit_price':
      return formatUnitPrice(value)
    case 'bill_option':
      return BILL_OPTIONS[value as InvoiceLine['bill_option']]
    case 'product_id':
    case 'agreement_id':
      return names[value] ?? value
    default:
      return value
  }
}
