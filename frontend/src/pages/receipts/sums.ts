/** What the totals of a receipt come to, per currency. */

import type { Difference, ReceiptTotal } from '@/api/receipts'
import { add, percentOf } from '@/exact'

export interface Sum {
  charged: string
  /** What price rules add. */
  markedUp: string
  onAgreements: string
  unsent: string
  /** What rules do not pass on. */
  dropped: string
  notBillable: string
  expected: string
  difference: string
}

const NOTHING: Sum = {
  charged: '0.00',
  markedUp: '0.00',
  onAgreements: '0.00',
  unsent: '0.00',
  dropped: '0.00',
  notBillable: '0.00',
  expected: '0.00',
  difference: '0.00',
}

const keyOf = ({ organization, organization_id, currency }: ReceiptTotal | Difference): string =>
  `${organization_id || organization}/${currency}`

/** What the differences of one customer in one currency come to. */
export function differenceOf(total: ReceiptTotal, differences: Difference[]): string {
  return differences
    .filter((each) => keyOf(each) === keyOf(total))
    .reduce((sum, { amount }) => add(sum, amount), '0.00')
}

export function sumByCurrency(
  totals: ReceiptTotal[],
  differences: Difference[] = [],
): [currency: string, sum: Sum][] {
  const sums = new Map<string, Sum>()
  for (const total of totals) {
    const old = sums.get(total.currency) ?? NOTHING
    sums.set(total.currency, {
      charged: add(old.charged, total.appxite_total),
      markedUp: add(old.markedUp, total.marked_up ?? '0'),
      onAgreements: add(old.onAgreements, total.additions_total),
      unsent: add(old.unsent, total.unsent_total),
      dropped: add(old.dropped, total.dropped ?? '0'),
      notBillable: add(old.notBillable, total.not_billable ?? '0'),
      expected: add(old.expected, total.expected_billed ?? '0'),
      difference: add(old.difference, differenceOf(total, differences)),
    })
  }
  return [...sums].sort(([a], [b]) => a.localeCompare(b))
}

/** Whether price rules add anything to what any customer is charged. */
export function hasMarkup(totals: ReceiptTotal[]): boolean {
  return totals.some(({ marked_up }) => Number(marked_up ?? '0') !== 0)
}

interface Share {
  currency: string
  sent: string
  charged: string
  /** Undefined where credits make a share meaningless. */
  percent: string | undefined
}

export function sentShares(totals: ReceiptTotal[]): Share[] {
  return sumByCurrency(totals).map(([currency, { charged, onAgreements }]) => ({
    currency,
    sent: onAgreements,
    charged,
    percent: percentOf(onAgreements, charged),
  }))
}
