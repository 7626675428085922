/** Edits of lines as values: what changes, what was there before, what became of it. */

import type { InvoiceLine, LineEdit } from '@/api/lines'
import type { ApiProblem } from '@/api/problem'

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
  const origins = line.provenance as Record<string, { user?: string | null } | undefined>
  const own = (field: string) => (field === 'excluded' ? line.excluded : (origins[field]?.user ?? null))
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

/** One edit for each line, whatever the order of its cells. What a person's values say already is no edit. */
export function byLine(cells: LineCell[]): WantedEdit[] {
  const edits = new Map<string, WantedEdit>()
  for (const { line, field, value } of cells) {
    const edit = edits.get(line.id) ?? { line, change: {} }
    edits.set(line.id, { line, change: { ...edit.change, [field]: value } })
  }
  return [...edits.values()].filter(({ line, change }) => !hasOwn(line, change))
}

/** What a change shows in its cells until it is confirmed. */
export function typedValues(change: LineChange): Record<string, string> {
  const typed = Object.entries(change).filter(
    ([field, value]) => field !== 'reason' && typeof value === 'string',
  )
  return Object.fromEntries(typed) as Record<string, string>
}
