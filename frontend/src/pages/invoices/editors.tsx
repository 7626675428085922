/** How each field of a line is edited in its cell, and how its cell says where the value comes from. */

import type { InvoiceLine } from '@/api/lines'
import { agreementsQuery, catalogItemsQuery } from '@/api/reference'
import { formatMoney, formatQuantity, formatUnitPrice } from '@/format'
import type { CellEdit, GridColumn, Parsed } from '@/grid/types'
import { CellPicker } from './CellPicker'
import { FieldCell } from './FieldCell'
import { BILL_OPTIONS, decidedText, INVOICED, isDecided, whyNot, YES_NO, type Field } from './fields'
import { readPrice, readQuantity } from './numbers'

type Column = GridColumn<InvoiceLine>
type Edit = CellEdit<InvoiceLine>

/** The same for every field: who may not change it any more, and why. */
export function lockable(field: Field, edit: Omit<Edit, 'isLocked' | 'whyLocked'>): Edit {
  return {
    ...edit,
    isLocked: (line) => whyNot(line, field) !== undefined,
    whyLocked: (line) => whyNot(line, field) ?? INVOICED,
  }
}

interface Made {
  id: string
  title: string
  width: number
  field: Field
  /** As it is in force, in words. */
  show(line: InvoiceLine): string
  /** Whether rules made it something else than was charged; absent where only rules and people say anything. */
  isRuled?(line: InvoiceLine): boolean
  /** What a person's value stands in place of, or what rules did. */
  why(line: InvoiceLine): string
  edit: Omit<Edit, 'isLocked' | 'whyLocked'>
}

/** A column of a field; `more` is what else a column can have. */
function column({ field, show, isRuled, why, edit, ...made }: Made, more: Partial<Column> = {}): Column {
  return {
    ...made,
    sortKey: made.id,
    text: show,
    render: (line, draft) => (
      <FieldCell
        text={show(line)}
        origin={isDecided(line, field) ? 'user' : isRuled?.(line) ? 'system' : 'source'}
        why={why(line)}
        typed={draft?.values[made.id]}
        state={draft?.state}
      />
    ),
    edit: lockable(field, edit),
    ...more,
  }
}

const OF_A_PERSON = 'Decided by a person. Space tells who, when and why.'

function money(line: InvoiceLine): string {
  const [billed, charged] = [line.amount, line.total].map((amount) => formatMoney(amount, line.currency))
  return `${billed} is billed, ${charged} is charged`
}

const quantityOf = (line: InvoiceLine) => decidedText(line, 'quantity') ?? line.quantity
const priceOf = (line: InvoiceLine) => decidedText(line, 'unit_price') ?? line.unit_price

export const QUANTITY = column(
  {
    id: 'quantity',
    title: 'Quantity',
    width: 150,
    field: 'quantity',
    show: (line) => formatQuantity(quantityOf(line)),
    why: (line) => `${OF_A_PERSON}\nAs charged: ${formatQuantity(line.quantity)}\n${money(line)}`,
    edit: { initial: quantityOf, parse: readQuantity },
  },
  { align: 'end', text: quantityOf },
)

export const UNIT_PRICE = column(
  {
    id: 'unit_price',
    title: 'Unit price',
    width: 170,
    field: 'unit_price',
    show: (line) => formatUnitPrice(priceOf(line)),
    isRuled: (line) => !isDecided(line, 'quantity') && line.amount !== line.total,
    why: (line) =>
      isDecided(line, 'unit_price')
        ? `${OF_A_PERSON}\nAs charged: ${formatUnitPrice(line.unit_price)}\n${money(line)}`
        : `As charged. Rules price the line: ${money(line)}`,
    edit: { initial: priceOf, parse: readPrice },
  },
  { align: 'end', text: priceOf },
)

export const DESCRIPTION = column({
  id: 'description',
  title: 'Description',
  width: 300,
  field: 'description',
  show: (line) => line.description,
  why: (line) => `${OF_A_PERSON}\n${decidedText(line, 'description') ?? ''}`,
  edit: {
    initial: (line) => decidedText(line, 'description') ?? line.description,
    parse: (text) => ({ value: text }),
  },
})

function chosen(text: string, choices: readonly (readonly [value: string, label: string])[]): Parsed {
  const bare = (words: string) => words.replaceAll(/\s/g, '').toLowerCase()
  const found = choices.find(([value, label]) => [value, label].some((each) => bare(each) === bare(text)))
  const listed = choices.map(([, label]) => label).join(', ')
  return found ? { value: found[0] } : { refusal: `Choose one of: ${listed}.` }
}

export const BILL_OPTION = column(
  {
    id: 'bill_option',
    title: 'Bill option',
    width: 170,
    field: 'bill_option',
    show: (line) => BILL_OPTIONS[line.bill_option],
    why: () => OF_A_PERSON,
    edit: {
      initial: (line) => BILL_OPTIONS[line.bill_option],
      parse: (text) => chosen(text, Object.entries(BILL_OPTIONS)),
      choices: Object.values(BILL_OPTIONS),
    },
  },
  { isHiddenAtFirst: true },
)

const yesNo = (isSo: boolean) => (isSo ? YES_NO[0] : YES_NO[1])

export const TAXABLE = column(
  {
    id: 'taxable',
    title: 'Taxable',
    width: 140,
    field: 'taxable',
    show: (line) => yesNo(line.taxable),
    why: () => OF_A_PERSON,
    edit: {
      initial: (line) => yesNo(line.taxable),
      parse: (text) =>
        chosen(text, [
          ['true', YES_NO[0]],
          ['false', YES_NO[1]],
        ]),
      choices: YES_NO,
    },
  },
  { isHiddenAtFirst: true },
)

const PICK = 'Open the cell and choose from the list: a name alone may mean several.'

export const PRODUCT = column({
  id: 'product',
  title: 'PSA product',
  width: 200,
  field: 'product_id',
  show: (line) => line.product ?? '',
  why: () => OF_A_PERSON,
  edit: {
    initial: (line) => line.product ?? '',
    parse: () => ({ refusal: PICK }),
    picker: ({ row, label, onPick, onClose }) => (
      <CellPicker
        value={row.product_id === null ? null : { id: row.product_id, name: row.product ?? row.product_id }}
        choices={catalogItemsQuery}
        {...{ label, onPick, onClose }}
      />
    ),
  },
})

export const AGREEMENT = column({
  id: 'agreement',
  title: 'PSA agreement',
  width: 200,
  field: 'agreement_id',
  show: (line) => line.agreement ?? '',
  why: () => OF_A_PERSON,
  edit: {
    initial: (line) => line.agreement ?? '',
    parse: () => ({ refusal: PICK }),
    picker: ({ row, label, onPick, onClose }) => (
      <CellPicker
        value={row.agreement_id === null ? null : { id: row.agreement_id, name: row.agreement ?? '' }}
        choices={() => agreementsQuery(row.company_id ?? '')}
        {...{ label, onPick, onClose }}
      />
    ),
  },
})
