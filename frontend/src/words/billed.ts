/** The words for what a billing period was invoiced with, beside what a receipt expected. */

import type { BilledPeriod } from '@/api/receipts'
import type { Word } from './word'

export const BILLED_STATES: Record<BilledPeriod['state'], Word> = {
  not_invoiced: {
    label: 'Not invoiced yet',
    tone: 'quiet',
    meaning: 'ConnectWise has not invoiced this period. Its invoices are read at each plan and every night.',
  },
  as_expected: {
    label: 'As expected',
    tone: 'ready',
    meaning: 'ConnectWise invoiced exactly what this receipt expected.',
  },
  differs: {
    label: 'Differs',
    tone: 'failed',
    meaning: 'ConnectWise invoiced something else than this receipt expected.',
  },
  unclear: {
    label: 'Unclear',
    tone: 'held',
    meaning: 'ConnectWise invoiced this period, and which of its money is ours cannot be told.',
  },
}

/** What a person has to look at comes first. */
export function rankOf(state: BilledPeriod['state']): number {
  return { differs: 0, unclear: 1, not_invoiced: 2, as_expected: 3 }[state]
}
