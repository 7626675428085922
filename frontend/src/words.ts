/** The product's words for states and reasons, and the way to mend each. Sentences for people, keys from the API. */

import type { HoldReason, LineStatus } from '@/api/lines'
import type { OrganizationState } from '@/api/organizations'
import type { OperationKind } from '@/api/plans'
import type { Run } from '@/api/runs'

export type Tone = 'ready' | 'held' | 'failed' | 'sent' | 'quiet' | 'preview' | 'accent'

interface Word {
  label: string
  tone: Tone
  meaning: string
}

export const LINE_STATUSES: Record<LineStatus, Word> = {
  ready: { label: 'Ready', tone: 'ready', meaning: 'Complete: the next plan carries it.' },
  held: { label: 'Held', tone: 'held', meaning: 'Something is missing or unsafe; the reasons say what.' },
  excluded: {
    label: 'Excluded',
    tone: 'quiet',
    meaning: 'Its organization, or the line itself, was excluded by a person. It is never sent.',
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

export const STATUS_ORDER: LineStatus[] = ['ready', 'held', 'excluded', 'preview', 'sent']

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
    action: 'ConnectWise has invoiced these days. Move the dates into the next open period.',
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
  vanished_from_invoice: {
    label: 'No longer on its invoice',
    action: 'AppXite removed the row. Load the month again, or exclude the line.',
    remedy: 'runs',
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

export const RUN_KINDS: Record<Run['kind'] | 'plan', string> = {
  load: 'Load invoices',
  push: 'Push additions',
  mirror: 'Sync organizations',
  plan: 'Compute plan',
}

export const RUN_STATUSES: Record<Run['status'], Word> = {
  queued: { label: 'Queued', tone: 'quiet', meaning: 'Waiting for a worker.' },
  running: { label: 'Running', tone: 'accent', meaning: 'Under way.' },
  succeeded: { label: 'Succeeded', tone: 'ready', meaning: 'Ended; outcomes are complete.' },
  failed: { label: 'Failed', tone: 'failed', meaning: 'Ended with an error; nothing is hidden.' },
}

const PLAN_RUNS: Partial<Record<Run['status'], Word>> = {
  succeeded: { label: 'Computed', tone: 'ready', meaning: 'Plan computed: it can be read and pushed.' },
  failed: { label: 'Failed', tone: 'failed', meaning: 'Plan failed: it could not be computed.' },
}

/** How a run stands, in the words of its kind. */
export function runStatusWord({
  kind,
  status,
}: {
  kind: keyof typeof RUN_KINDS
  status: Run['status']
}): Word {
  return (kind === 'plan' && PLAN_RUNS[status]) || RUN_STATUSES[status]
}

export const OPERATION_KINDS: Record<OperationKind, Word> = {
  create: { label: 'Create', tone: 'ready', meaning: 'ConnectWise lacks this addition.' },
  update: { label: 'Update', tone: 'sent', meaning: 'The addition exists with other values.' },
  cancel: {
    label: 'Cancel',
    tone: 'failed',
    meaning: 'The subscription ended: the addition gets a last day.',
  },
  adopt: { label: 'Adopt', tone: 'preview', meaning: 'Made by hand before; Tieout takes it over.' },
  none: { label: 'Unchanged', tone: 'quiet', meaning: 'Already exactly right; no call is made.' },
}

export const OPERATION_ORDER: OperationKind[] = ['create', 'update', 'cancel', 'adopt', 'none']

export const MAPPING_STATES: Record<OrganizationState, Word> = {
  excluded: {
    label: 'Excluded',
    tone: 'quiet',
    meaning: 'Nothing of it is sent until somebody approves it.',
  },
  unmapped: { label: 'Unmapped', tone: 'held', meaning: 'Approved, but not mapped yet: its lines are held.' },
  suggested: { label: 'Suggested', tone: 'accent', meaning: 'A likely match was found; it waits for a yes.' },
  mapped: { label: 'Mapped', tone: 'ready', meaning: 'Its lines can go out.' },
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

/** What a mirror counts, in words of the side it comes from. */
export const MIRRORED: Record<string, string> = {
  organization: 'Organizations',
  offer: 'Offers',
  contract: 'Contracts',
  subscription: 'Subscriptions',
  company: 'Companies',
  catalog_item: 'Catalog items',
  agreement_type: 'Agreement types',
  agreement: 'Agreements',
}
