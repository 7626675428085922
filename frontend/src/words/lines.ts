/** The words for invoice lines: states, reasons to hold one and the way to mend each, charge types. */

import type { DropRule, HoldReason, LineStatus } from '@/api/lines'
import type { Word } from './word'

export const LINE_STATUSES: Record<LineStatus, Word> = {
  ready: { label: 'Ready', tone: 'ready', meaning: 'Complete: the next plan carries it.' },
  held: { label: 'Held', tone: 'held', meaning: 'Something is missing or unsafe; the reasons say what.' },
  excluded: {
    label: 'Excluded',
    tone: 'quiet',
    meaning: 'Its organization, or the line itself, was excluded by a person. It is never sent.',
  },
  billed_before: {
    label: 'Billed before go-live',
    tone: 'quiet',
    meaning:
      'Billed by hand before Tieout began to bill. It is never sent, and counts apart from held money.',
  },
  dropped: {
    label: 'Dropped by rule',
    tone: 'quiet',
    meaning: 'A billing rule does not pass it on. It is never sent, and counts apart from held money.',
  },
  preview: {
    label: 'Preview',
    tone: 'preview',
    meaning: 'Its invoice is not verified in AppXite yet: shown, never sent.',
  },
  sent: {
    label: 'Sent',
    tone: 'sent',
    meaning: 'On its agreement in ConnectWise with exactly these values.',
  },
}

/** A status of an open set, as receipts keep it. */
export function lineStatusWord(status: string): Word {
  return LINE_STATUSES[status as LineStatus] ?? { label: status, tone: 'quiet', meaning: '' }
}

export const STATUS_ORDER: LineStatus[] = [
  'ready',
  'held',
  'excluded',
  'billed_before',
  'dropped',
  'preview',
  'sent',
]

/** The rules that drop lines, as the settings screen has them. */
export const DROP_RULES: Record<DropRule, string> = {
  zero_lines: 'Drop zero lines',
  favourable_prorations: 'Drop prorations in the customer\u2019s favour',
}

/** Where a hold is mended: a mapping page, the line's own dates, or somewhere outside. */
export type Remedy =
  'map-organization' | 'map-product' | 'choose-agreement' | 'edit-dates' | 'rules' | 'runs' | 'none'

interface Reason {
  label: string
  /** What to do, as one sentence. */
  action: string
  remedy: Remedy
}

export const HOLD_REASONS: Record<HoldReason, Reason> = {
  organization_unmapped: {
    label: 'Organization not mapped',
    action: 'Map the organization to a company.',
    remedy: 'map-organization',
  },
  product_unmapped: {
    label: 'Product not mapped',
    action: 'Map the offer to a catalog item.',
    remedy: 'map-product',
  },
  agreement_missing: {
    label: 'No agreement fits',
    action: 'Choose an agreement for the organization, or create one in ConnectWise.',
    remedy: 'choose-agreement',
  },
  agreement_ambiguous: {
    label: 'Several agreements fit',
    action: 'Choose the agreement for the organization.',
    remedy: 'choose-agreement',
  },
  agreement_not_active: {
    label: 'Agreement not active',
    action: 'Choose another agreement, or activate it in ConnectWise.',
    remedy: 'choose-agreement',
  },
  currency_mismatch: {
    label: 'Currency differs from the agreement',
    action: 'Choose an agreement in the currency of the line.',
    remedy: 'choose-agreement',
  },
  agreement_cycle_unknown: {
    label: 'Billing cycle of the agreement unknown',
    action: 'Choose another agreement, or give this one a billing cycle in ConnectWise.',
    remedy: 'choose-agreement',
  },
  zero_price: {
    label: 'Price is zero',
    action: 'Exclude the line, or allow zero prices in the billing rules.',
    remedy: 'rules',
  },
  dates_missing: { label: 'Dates missing', action: 'Type the charge dates.', remedy: 'edit-dates' },
  end_before_start: {
    label: 'Ends before it starts',
    action: 'Correct the charge dates.',
    remedy: 'edit-dates',
  },
  starts_before_billing: {
    label: 'Starts before the agreement bills',
    action: 'Move the charge start to the agreement\u2019s billing start or later.',
    remedy: 'edit-dates',
  },
  period_already_invoiced: {
    label: 'Period already invoiced',
    action:
      'ConnectWise has invoiced these days. Move the dates into the open period that the charge start names.',
    remedy: 'edit-dates',
  },
  longer_than_cycle: {
    label: 'Longer than the billing cycle',
    action: 'ConnectWise would bill it every cycle. Shorten the dates, or change the rule.',
    remedy: 'rules',
  },
  unknown_charge_type: {
    label: 'Unknown charge type',
    action: 'AppXite sent a charge type Tieout does not know yet.',
    remedy: 'none',
  },
  amount_not_representable: {
    label: 'Amount cannot be split exactly',
    action: 'Quantity and price cannot reproduce the total in ConnectWise.',
    remedy: 'none',
  },
  catalog_price_missing: {
    label: 'No catalog price',
    action:
      'The rules take ConnectWise\u2019s catalog price, and it has none in this currency. Set it there and sync, or change the rule.',
    remedy: 'rules',
  },
  catalog_price_unfit: {
    label: 'Catalog price does not fit',
    action:
      'A correction or a charge for several cycles has no catalog price. Give it AppXite\u2019s price by an exception, or exclude it.',
    remedy: 'rules',
  },
  price_negative: {
    label: 'Price would be negative',
    action: 'The markup takes away more than is charged. Change it in the billing rules.',
    remedy: 'rules',
  },
  vanished_from_invoice: {
    label: 'No longer on its invoice',
    action: 'AppXite removed the row. Load the month again, or exclude the line.',
    remedy: 'runs',
  },
  changed_after_invoicing: {
    label: 'Changed after it was invoiced',
    action:
      'ConnectWise has invoiced another amount. Let the rules send the difference, or exclude the line.',
    remedy: 'rules',
  },
  maybe_billed_by_hand: {
    label: 'Maybe billed by hand',
    action: 'An addition made by hand may bill it already. Say in the plan what it is.',
    remedy: 'none',
  },
  superseded: {
    label: 'Replaced by a later line',
    action: 'A later line of the same subscription took its place.',
    remedy: 'none',
  },
  push_failed: {
    label: 'Push failed',
    action: 'ConnectWise refused it. See the run for its answer, then plan again.',
    remedy: 'runs',
  },
}

export function holdReasonLabel(reason: string): string {
  return HOLD_REASONS[reason as HoldReason]?.label ?? reason.replaceAll('_', ' ')
}

const CHARGE_TYPES: Record<string, string> = {
  PurchaseFee: 'Purchase fee',
  CycleFee: 'Cycle fee',
  Correction: 'Correction',
  UsageFee: 'Usage fee',
  ItemFee: 'Item fee',
  OneTimeFee: 'One-time fee',
  UserCorrection: 'User correction',
}

export const CHARGE_TYPE_OPTIONS = Object.entries(CHARGE_TYPES).map(([value, label]) => ({ value, label }))

export function chargeTypeLabel(chargeType: string): string {
  return CHARGE_TYPES[chargeType] ?? chargeType
}
