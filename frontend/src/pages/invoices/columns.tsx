/** Columns of the Invoices grid. */

import type { InvoiceLine } from '@/api/lines'
import { formatInstant, formatQuantity, formatUnitPrice } from '@/format'
import type { CellEdit, GridColumn } from '@/grid/types'
import { Money } from '@/ui/Money'
import { chargeTypeLabel, holdReasonLabel, LINE_STATUSES } from '@/words/lines'
import { DateCell } from './DateCell'
import { DAY_HINT, readDay } from './days'
import { StatusCell } from './StatusCell'

export type DateField = 'charge_start_date' | 'charge_end_date'

function dateEdit(field: DateField): CellEdit<InvoiceLine> {
  return {
    initial: (line) => line[field] ?? '',
    parse: (text, line) => {
      const reference = line[field] ?? line.charge_start_date ?? new Date().toISOString().slice(0, 10)
      const day = readDay(text, reference)
      return day ? { value: day } : { refusal: DAY_HINT }
    },
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
    edit: dateEdit(id),
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

const hidden = { isHiddenAtFirst: true }

export const LINE_COLUMNS: GridColumn<InvoiceLine>[] = [
  plain('organization', 'Organization', 226, (line) => line.organization, {
    isPinned: true,
    sortKey: 'organization',
  }),
  {
    id: 'status',
    title: 'Status',
    width: 250,
    sortKey: 'status',
    text: (line) => statusWords(line),
    render: (line) => <StatusCell line={line} />,
  },
  plain('subscription', 'Subscription', 200, (line) => line.subscription, { sortKey: 'subscription' }),
  plain('charge_type', 'Charge type', 116, (line) => chargeTypeLabel(line.charge_type), {
    sortKey: 'charge_type',
  }),
  {
    id: 'total',
    title: 'Total',
    width: 132,
    align: 'end',
    sortKey: 'total',
    text: (line) => line.total,
    render: (line) => <Money amount={line.total} currency={line.currency} />,
  },
  dateColumn('charge_start_date', 'Charge start', '–'),
  dateColumn('charge_end_date', 'Charge end', 'Open'),
  plain('quantity', 'Quantity', 88, (line) => line.quantity, {
    align: 'end',
    sortKey: 'quantity',
    render: (line) => formatQuantity(line.quantity),
  }),
  plain('unit_price', 'Unit price', 104, (line) => line.unit_price, {
    align: 'end',
    sortKey: 'unit_price',
    render: (line) => formatUnitPrice(line.unit_price),
  }),
  plain('currency', 'Currency', 88, (line) => line.currency, { ...hidden, sortKey: 'currency' }),
  plain('company', 'PSA company', 190, (line) => line.company, { sortKey: 'company' }),
  plain('agreement', 'PSA agreement', 190, (line) => line.agreement, { sortKey: 'agreement' }),
  plain('product', 'PSA product', 180, (line) => line.product, { sortKey: 'product' }),
  plain('offer', 'Offer', 210, (line) => line.offer, { sortKey: 'offer' }),
  plain('invoice_number', 'Invoice', 146, (line) => line.invoice_number, { sortKey: 'invoice_number' }),
  plain('description', 'Description', 260, (line) => line.description, { sortKey: 'description' }),
  plain('row_id', 'Invoice row', 140, (line) => line.row_id, { ...hidden, sortKey: 'row_id' }),
  plain('sent_at', 'Sent', 150, (line) => line.sent_at, {
    ...hidden,
    sortKey: 'sent_at',
    render: (line) => formatInstant(line.sent_at),
  }),
  plain('addition_id', 'Addition', 100, (line) => line.addition_id, { ...hidden, sortKey: 'addition_id' }),
]

/** Columns of a CSV export: one fact each, plain figures, ISO dates. */
export const CSV_COLUMNS: [title: string, value: (line: InvoiceLine) => string][] = [
  ...LINE_COLUMNS.map(({ title, text }): [string, (line: InvoiceLine) => string] => [title, text]),
  ['Line', (line) => line.id],
]
