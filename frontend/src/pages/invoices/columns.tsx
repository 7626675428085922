/** Columns of the Invoices grid. */

import type { InvoiceLine } from '@/api/lines'
import { formatInstant } from '@/format'
import type { CellEdit, GridColumn } from '@/grid/types'
import { Money } from '@/ui/Money'
import { chargeTypeLabel, holdReasonLabel, LINE_STATUSES } from '@/words/lines'
import { DateCell } from './DateCell'
import { DAY_HINT, readDay, readPastedDay } from './days'
import {
  AGREEMENT,
  BILL_OPTION,
  DESCRIPTION,
  lockable,
  PRODUCT,
  QUANTITY,
  TAXABLE,
  UNIT_PRICE,
} from './editors'
import { StatusCell } from './StatusCell'

export type DateField = 'charge_start_date' | 'charge_end_date'

function dateEdit(field: DateField): Omit<CellEdit<InvoiceLine>, 'isLocked' | 'whyLocked'> {
  return {
    initial: (line) => line[field] ?? '',
    parse: (text, line) => {
      const reference = line[field] ?? line.charge_start_date ?? new Date().toISOString().slice(0, 10)
      const day = readDay(text, reference)
      return day ? { value: day } : { refusal: DAY_HINT }
    },
    parsePasted: readPastedDay,
  }
}

function dateColumn(id: DateField, title: string, empty: string): GridColumn<InvoiceLine> {
  return {
    id,
    title,
    width: 196,
    sortKey: id,
    // ISO, because that is what a spreadsheet reads as a date in every language.
    text: (line) => line[id] ?? '',
    render: (line, draft) => (
      <DateCell
        empty={empty}
        day={line[id]}
        field={line.provenance[id]}
        draft={draft?.values[id]}
        state={draft?.state}
      />
    ),
    edit: lockable(id, dateEdit(id)),
  }
}

function plain(
  id: string,
  title: string,
  width: number,
  text: (line: InvoiceLine) => string | null,
  more: Partial<GridColumn<InvoiceLine>> = {},
): GridColumn<InvoiceLine> {
  return { id, title, width, text: (line) => text(line) ?? '', ...more }
}

function statusWords(line: InvoiceLine): string {
  const reasons = line.hold_reasons.map(holdReasonLabel).join(', ')
  return reasons ? `${LINE_STATUSES[line.status].label}: ${reasons}` : LINE_STATUSES[line.status].label
}

const FROM_INVOICE =
  'This is what AppXite invoiced. What is billed for it is decided by the fields that can be edited.'
const WORKED_OUT = 'This follows from quantity, unit price and rules. Change those, and it changes.'
const MAPPED =
  'This follows from the mapping of the organization. Change it in Mapping, or choose another agreement.'
const RECORDED = 'This is a record of what was sent, and cannot be changed.'

const hidden = { isHiddenAtFirst: true, whyNot: RECORDED }

export const LINE_COLUMNS: GridColumn<InvoiceLine>[] = [
  plain('organization', 'Organization', 226, (line) => line.organization, {
    isPinned: true,
    whyNot: FROM_INVOICE,
    sortKey: 'organization',
  }),
  {
    id: 'status',
    title: 'Status',
    width: 250,
    sortKey: 'status',
    text: (line) => statusWords(line),
    whyNot: 'The status follows from rules, mapping and edits. Exclude a line with x, or mend what holds it.',
    render: (line) => <StatusCell line={line} />,
  },
  plain('subscription', 'Subscription', 200, (line) => line.subscription, {
    sortKey: 'subscription',
    whyNot: FROM_INVOICE,
  }),
  plain('charge_type', 'Charge type', 116, (line) => chargeTypeLabel(line.charge_type), {
    sortKey: 'charge_type',
    whyNot: FROM_INVOICE,
  }),
  {
    id: 'total',
    title: 'Total',
    width: 132,
    align: 'end',
    sortKey: 'total',
    whyNot: 'This is what AppXite charges. Change quantity or unit price to bill something else.',
    text: (line) => line.total,
    render: (line) => <Money amount={line.total} currency={line.currency} />,
  },
  dateColumn('charge_start_date', 'Charge start', '–'),
  dateColumn('charge_end_date', 'Charge end', 'Open'),
  QUANTITY,
  UNIT_PRICE,
  plain('amount', 'To be billed', 132, (line) => line.amount, {
    align: 'end',
    sortKey: 'amount',
    render: (line) => <Money amount={line.amount} currency={line.currency} />,
    whyNot: WORKED_OUT,
  }),
  plain('currency', 'Currency', 88, (line) => line.currency, {
    ...hidden,
    sortKey: 'currency',
    whyNot: FROM_INVOICE,
  }),
  plain('company', 'PSA company', 190, (line) => line.company, { sortKey: 'company', whyNot: MAPPED }),
  AGREEMENT,
  PRODUCT,
  plain('offer', 'Offer', 210, (line) => line.offer, { sortKey: 'offer', whyNot: FROM_INVOICE }),
  plain('invoice_number', 'Invoice', 146, (line) => line.invoice_number, {
    sortKey: 'invoice_number',
    whyNot: FROM_INVOICE,
  }),
  DESCRIPTION,
  BILL_OPTION,
  TAXABLE,
  plain('row_id', 'Invoice row', 140, (line) => line.row_id, {
    ...hidden,
    sortKey: 'row_id',
    whyNot: FROM_INVOICE,
  }),
  plain('sent_at', 'Sent', 150, (line) => line.sent_at, {
    ...hidden,
    sortKey: 'sent_at',
    render: (line) => formatInstant(line.sent_at),
  }),
  plain('addition_id', 'Addition', 100, (line) => line.addition_id, { ...hidden, sortKey: 'addition_id' }),
]
