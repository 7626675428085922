/** Edits of lines as values: what changes, what was there before, what became of it. */

import type { InvoiceLine, LineEdit } from '@/api/lines'
import type { ApiProblem } from '@/api/problem'
import { showValue } from './fields'

/** What a person changes; a null takes their value away. */
export type LineChange = Partial<Omit<LineEdit['body'], 'version'>>

/** A cell of the grid that a person changed. */
export interface LineCell {
  line: InvoiceLine
  field: string
  value: string | null
}

export interface WantedEdit {
  line: InvoiceLine
  change: LineChange
  /** Whether to try again on a line that somebody else changed meanwhile. */
  isStillMine?(current: InvoiceLine): boolean
}

export interface SavedEdit {
  /** As it is after the edit. */
  line: InvoiceLine
  change: LineChange
  /** The change that takes this one back. */
  before: LineChange
}

export interface RefusedEdit {
  line: InvoiceLine
  change: LineChange
  problem: ApiProblem
  /** The line as somebody else left it, where that is why. */
  current?: InvoiceLine
}

export interface Outcome {
  saved: SavedEdit[]
  refused: RefusedEdit[]
}

/** The values that people gave a line, of the fields that a change is about. */
export function ownValues(line: InvoiceLine, change: LineChange): LineChange {
  const own = (field: string) => (field === 'excluded' ? line.excluded : (line.decided[field] ?? null))
  return Object.fromEntries(
    Object.keys(change)
      .filter((field) => field !== 'reason')
      .map((field) => [field, own(field)]),
  )
}

export function hasOwn(line: InvoiceLine, values: LineChange): boolean {
  return JSON.stringify(ownValues(line, values)) === JSON.stringify(ownOrder(values))
}

function ownOrder(values: LineChange): LineChange {
  return Object.fromEntries(Object.entries(values).filter(([field]) => field !== 'reason'))
}

/** Columns that show the name of a record, and the field that holds its id. */
const FIELD_OF: Record<string, string> = { product: 'product_id', agreement: 'agreement_id' }
const COLUMN_OF: Record<string, string> = { product_id: 'product', agreement_id: 'agreement' }

/** A value of a cell as the API takes it. */
function asKept(field: string, value: string | null): string | boolean | null {
  return field === 'taxable' && value !== null ? value === 'true' : value
}

/** One edit for each line, whatever the order of its cells. What a person's values say already is no edit. */
export function byLine(cells: LineCell[]): WantedEdit[] {
  const edits = new Map<string, WantedEdit>()
  for (const { line, field: column, value } of cells) {
    const field = FIELD_OF[column] ?? column
    const edit = edits.get(line.id) ?? { line, change: {} }
    edits.set(line.id, { line, change: { ...edit.change, [field]: asKept(field, value) } })
  }
  return [...edits.values()].filter(({ line, change }) => !hasOwn(line, change))
}

/** What a change shows in its cells until it is confirmed. */
export function typedValues(change: LineChange): Record<string, string> {
  const typed = Object.entries(change).filter(
    ([field, value]) => field !== 'reason' && typeof value === 'string',
  ) as [string, string][]
  return Object.fromEntries(
    typed.map(([field, value]) => [
      COLUMN_OF[field] ?? field,
      field.endsWith('_date') ? value : showValue(field, value),
    ]),
  )
}
