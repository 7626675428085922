/** The words for plans: what is done to an addition, what is asked about one, and its fields. */

import type { ByHand, Choice, OperationKind, UndecidedCause } from '@/api/plans'
import type { Word } from './word'

export const OPERATION_KINDS: Record<OperationKind, Word> = {
  create: { label: 'Create', tone: 'ready', meaning: 'ConnectWise lacks this addition.' },
  update: { label: 'Update', tone: 'sent', meaning: 'The addition exists with other values.' },
  cancel: {
    label: 'Cancel',
    tone: 'failed',
    meaning: 'The subscription ended: the addition bills up to its last day and no longer.',
  },
  close: {
    label: 'End',
    tone: 'failed',
    meaning:
      'Another addition carries the charge from now on, or somebody decided so: this one stops billing.',
  },
  true_up: {
    label: 'True-up',
    tone: 'ready',
    meaning:
      'ConnectWise has invoiced another amount than AppXite charges: a one-time addition bills the difference.',
  },
  undecided: {
    label: 'Without charge',
    tone: 'held',
    meaning: 'It bills although AppXite charges nothing for it. Somebody has to decide whether it ends.',
  },
  adopt: { label: 'Adopt', tone: 'preview', meaning: 'Made by hand before; Tieout takes it over.' },
  none: { label: 'Unchanged', tone: 'quiet', meaning: 'Already exactly right; no call is made.' },
}

/** Updates stand before new additions: they may write over what somebody changed in ConnectWise. */
export const OPERATION_ORDER: OperationKind[] = [
  'undecided',
  'true_up',
  'update',
  'create',
  'close',
  'cancel',
  'adopt',
  'none',
]

interface CauseWords {
  label: string
  /** What happened, as one sentence. */
  meaning: string
}

/** Why an addition bills although nothing is charged for it. */
export const CAUSES: Record<UndecidedCause, CauseWords> = {
  excluded: {
    label: 'Its line is excluded',
    meaning: 'The line, or its whole customer, was excluded. What was sent for it before goes on billing.',
  },
  held: {
    label: 'Its line is held',
    meaning:
      'The charge could not be sent this month. What was sent before goes on billing, at the old amount.',
  },
  vanished: {
    label: 'AppXite took its row off the invoice',
    meaning: 'The charge was withdrawn after it had been sent.',
  },
  free: {
    label: 'AppXite charges zero for it',
    meaning: 'The subscription is on the invoice at no charge. The addition still has its price.',
  },
  dropped: {
    label: 'A rule drops its line',
    meaning:
      'The charge has turned into a credit that is not passed on. What was sent before goes on billing.',
  },
  absent: {
    label: 'Not charged in a complete month',
    meaning: 'Every invoice of the month has come, and none charges for it.',
  },
}

export const CAUSE_ORDER: UndecidedCause[] = ['excluded', 'held', 'vanished', 'free', 'dropped', 'absent']

export const CHOICES: Record<'end' | 'keep' | 'later', { label: string; meaning: string }> = {
  end: { label: 'End it', meaning: 'The push gives the addition its last billed day.' },
  keep: {
    label: 'Keep billing',
    meaning: 'The customer is billed without a charge in AppXite. The reason is kept and shown on receipts.',
  },
  later: {
    label: 'Decide later',
    meaning: 'Nothing changes: it goes on billing, and the next plan asks again.',
  },
}

/** What was decided, as a state. */
export const DECIDED: Partial<Record<Choice, Word>> = {
  end: { label: 'Ends', tone: 'failed', meaning: CHOICES.end.meaning },
  keep: { label: 'Kept', tone: 'sent', meaning: CHOICES.keep.meaning },
  later: { label: 'Later', tone: 'quiet', meaning: CHOICES.later.meaning },
}

/** What is known of a charge that people may bill by hand, and what a person may say about it. */
export const BY_HAND: Record<ByHand, Word> = {
  billed: {
    label: 'Billed by hand',
    tone: 'quiet',
    meaning: 'It is billed already, and never billed again. Its addition becomes ours with the next charge.',
  },
  adopt: {
    label: 'Adopted',
    tone: 'ready',
    meaning: 'The addition made by hand becomes ours and bills what AppXite charges from now on.',
  },
  bill: {
    label: 'Billed anyway',
    tone: 'sent',
    meaning: 'The charge is billed beside what was made by hand.',
  },
  ask: {
    label: 'Not decided',
    tone: 'held',
    meaning: 'The charge is held, and nothing is written for it until you decide.',
  },
}

export const HAND_CHOICES: Record<Exclude<ByHand, 'ask'>, string> = {
  adopt: 'Adopt',
  bill: 'Bill anyway',
  billed: 'Already billed',
}

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
