/** The words for plans: what is done to an addition, and its fields. */

import type { OperationKind } from '@/api/plans'
import type { Word } from './word'

export const OPERATION_KINDS: Record<OperationKind, Word> = {
  create: { label: 'Create', tone: 'ready', meaning: 'ConnectWise lacks this addition.' },
  update: { label: 'Update', tone: 'sent', meaning: 'The addition exists with other values.' },
  cancel: {
    label: 'Cancel',
    tone: 'failed',
    meaning: 'The subscription ended: the addition gets a last day.',
  },
  close: {
    label: 'Close',
    tone: 'failed',
    meaning: 'Its charge goes elsewhere from now on: the addition gets a last billed day.',
  },
  true_up: {
    label: 'True up',
    tone: 'ready',
    meaning: 'Carries the difference between what was invoiced and what is charged.',
  },
  undecided: {
    label: 'Undecided',
    tone: 'held',
    meaning: 'Bills although no charge stands behind it: somebody has to decide.',
  },
  adopt: { label: 'Adopt', tone: 'preview', meaning: 'Made by hand before; Tieout takes it over.' },
  none: { label: 'Unchanged', tone: 'quiet', meaning: 'Already exactly right; no call is made.' },
}

export const OPERATION_ORDER: OperationKind[] = [
  'undecided',
  'true_up',
  'create',
  'update',
  'close',
  'cancel',
  'adopt',
  'none',
]

const FIELDS: Record<string, string> = {
  quantity: 'Quantity',
  unit_price: 'Unit price',
  effective_date: 'Effective date',
  cancelled_date: 'Cancelled date',
  invoice_description: 'Description',
  bill_option: 'Bill customer',
  taxable: 'Taxable',
  product_id: 'Product',
  marker: 'Marker',
}

export function fieldLabel(field: string): string {
  const label = FIELDS[field] ?? field.replaceAll('_', ' ')
  return label.charAt(0).toUpperCase() + label.slice(1)
}
