/** What ConnectWise invoiced of the periods that a receipt expects. */

import type { components } from '../src/api/schema.gen.ts'
import { add, negate } from '../src/exact.ts'
import { tally, type Line } from './world.ts'

/** One period of each customer that was invoiced last month; every fifth one was billed something else. */
export function makeBilled(lines: Line[], period: string): components['schemas']['BilledPeriod'][] {
  const sent = lines.filter(({ status, agreement }) => status === 'sent' && agreement)
  const groups = Object.values(Object.groupBy(sent, (line) => `${line.agreement_id}/${line.currency}`))
  return groups.flatMap((part, index) => {
    const [first] = part ?? []
    if (!part || !first) return []
    const expected = tally(part).amounts[first.currency] ?? '0.00'
    const differs = index % 5 === 1
    const isInvoiced = period < currentMonth()
    const billed = !isInvoiced ? null : differs ? add(expected, '-5.00') : expected
    return [
      {
        organization: first.organization,
        organization_id: first.organization_id,
        agreement: first.agreement ?? '',
        agreement_id: first.agreement_id ?? '',
        period_start: `${period}-01`,
        period_end: lastDayOf(period),
        currency: first.currency,
        expected,
        billed,
        difference: billed === null ? null : add(billed, negate(expected)),
        state: billed === null ? 'not_invoiced' : differs ? 'differs' : 'as_expected',
        cause: isInvoiced && differs ? 'A person changed the addition before invoicing.' : '',
        invoice_numbers: isInvoiced ? [String(4_100 + index)] : [],
        next_step:
          isInvoiced && differs ? 'Compare the invoice with the charges, and correct it or credit it.' : '',
      },
    ]
  })
}

function currentMonth(): string {
  return new Date().toISOString().slice(0, 7)
}

function lastDayOf(period: string): string {
  const [year = 0, month = 1] = period.split('-').map(Number)
  return new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10)
}
