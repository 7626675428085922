/**
 * Changes of many cells by one gesture: paste, fill, clear. All cells are read first; where some cannot take
 * theirs, the person decides about the rest before anything is written.
 */

import { useCallback, useMemo, useState } from 'react'
import {
  planCopy,
  planFill,
  planPaste,
  type BlockPlan,
  type CellChange,
  type Refusal,
  type Sheet,
} from './block'
import { readTsv } from './clipboard'
import type { Range } from './types'

export interface BlockEdits {
  paste(text: string): void
  /** One text into every cell of the selection, each reading it for itself. */
  fill(text: string): void
  /** The top row of the selection over its other rows; of a single row, the row above. */
  fillDown(): void
  /** The selection repeated up or down to the row `end`. */
  fillTo(end: number): void
  clear(): void
  /** Refusals to decide about: nothing is written yet. */
  review: { refusals: Refusal[]; accepted: number } | undefined
  settle(decision: 'write' | 'drop'): void
}

export function useBlockEdits<Row>(
  sheet: Sheet<Row>,
  range: Range,
  write: (changes: CellChange<Row>[]) => void,
): BlockEdits {
  const [pending, setPending] = useState<BlockPlan<Row>>()

  const offer = useCallback(
    (...plans: BlockPlan<Row>[]) => {
      const changes = plans.flatMap((plan) => plan.changes)
      const refusals = plans.flatMap((plan) => plan.refusals)
      if (refusals.length > 0) setPending({ changes, refusals })
      else if (changes.length > 0) write(changes)
    },
    [write],
  )

  return useMemo(
    () => ({
      paste: (text) => {
        if (text !== '') offer(planPaste(sheet, range, readTsv(text)))
      },
      fill: (text) => offer(planFill(sheet, range, text)),
      fillDown: () => {
        const isOneRow = range.top === range.bottom
        const from = isOneRow ? range.top - 1 : range.top
        if (from >= 0) offer(planCopy(sheet, range, from))
      },
      fillTo: (end) => offer(...repeated(sheet, range, end)),
      clear: () => offer(planFill(sheet, range, null)),
      review: pending && { refusals: pending.refusals, accepted: pending.changes.length },
      settle: (decision) => {
        setPending(undefined)
        if (decision === 'write' && pending && pending.changes.length > 0) write(pending.changes)
      },
    }),
    [sheet, range, offer, pending, write],
  )
}

/** Each row beyond the selection takes the row that stands in its place when the selection repeats. */
function repeated<Row>(sheet: Sheet<Row>, range: Range, end: number): BlockPlan<Row>[] {
  const height = range.bottom - range.top + 1
  const isUp = end < range.top
  const [first, last] = isUp ? [end, range.top - 1] : [range.bottom + 1, end]
  const plans: BlockPlan<Row>[] = []
  for (let row = first; row <= last; row += 1) {
    const from = range.top + ((((row - range.top) % height) + height) % height)
    plans.push(planCopy(sheet, { ...range, top: row, bottom: row }, from))
  }
  return plans
}
