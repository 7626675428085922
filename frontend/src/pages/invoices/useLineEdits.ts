/**
 * A person's edits of lines: written in one place, shown where they collide or are refused, and taken back and
 * done again in the order of their gestures. One gesture, be it one cell or a pasted block, is one step.
 */

import { useCallback, useRef, useState } from 'react'
import type { InvoiceLine } from '@/api/lines'
import { History } from '@/grid/history'
import { useT } from '@/i18n'
import { tell, tellProblem } from '@/ui/notice'
import {
  byLine,
  hasOwn,
  type LineCell,
  type LineChange,
  type Outcome,
  type RefusedEdit,
  type SavedEdit,
  type WantedEdit,
} from './edits'
import { useLineWriter } from './useLineWriter'
import { useReason } from './useReason'

export type { LineCell, LineChange } from './edits'

export interface Conflict {
  /** The line as somebody else left it. */
  current: InvoiceLine
  change: LineChange
}

/** What one gesture changed. It is filled when the server has answered. */
interface Step {
  parts: SavedEdit[]
}

/** A block of which the server refused a part. */
export interface PartlyRefused {
  refused: RefusedEdit[]
  saved: number
}

type Direction = 'undo' | 'redo'

export function useLineEdits() {
  const t = useT()
  const { question, askReason } = useReason()
  const { drafts, write, newest } = useLineWriter(askReason)
  const [conflict, setConflict] = useState<Conflict>()
  const [partly, setPartly] = useState<PartlyRefused>()
  const [progress, setProgress] = useState<{ done: number; total: number }>()
  const [history] = useState(() => new History<Step>())
  const underWay = useRef(new Set<Promise<unknown>>())

  /** Writes edits; several that take a while show how far they are. */
  const send = useCallback(
    async (edits: WantedEdit[]): Promise<Outcome> => {
      const total = edits.length
      const writing = write(edits, total > 1 ? (done) => setProgress({ done, total }) : undefined)
      underWay.current.add(writing)
      const outcome = await writing
      underWay.current.delete(writing)
      setProgress(undefined)
      return outcome
    },
    [write],
  )

  const tellOfRefusals = useCallback(({ refused, saved }: Outcome, of: number) => {
    const [first] = refused
    if (!first) return
    if (of > 1) setPartly({ refused, saved: saved.length })
    else if (first.current) setConflict({ current: first.current, change: first.change })
    else tellProblem(first.problem)
  }, [])

  const commit = useCallback(
    async (edits: WantedEdit[]): Promise<void> => {
      if (edits.length === 0) return
      const step: Step = { parts: [] }
      history.add(step)
      const outcome = await send(edits)
      step.parts = outcome.saved
      if (edits.length > 1 && outcome.refused.length === 0) {
        tell(t('{count} lines changed', { count: edits.length }), t('Ctrl+Z takes it back.'))
      }
      tellOfRefusals(outcome, edits.length)
    },
    [history, send, t, tellOfRefusals],
  )

  const saveCells = useCallback(
    (cells: LineCell[]) => {
      // Taking away what was refused needs no server.
      for (const { line, value } of cells) {
        const draft = drafts.get(line.id)
        if (value === null && draft && draft.state !== 'saving') drafts.drop(line.id)
      }
      return commit(byLine(cells))
    },
    [commit, drafts],
  )

  const change = useCallback(
    (lines: InvoiceLine[], wanted: LineChange) => commit(lines.map((line) => ({ line, change: wanted }))),
    [commit],
  )

  const travel = useCallback(
    async (direction: Direction): Promise<void> => {
      await Promise.allSettled([...underWay.current])
      const step = nextStep(history, direction)
      if (!step) {
        tell(direction === 'undo' ? t('Nothing to take back') : t('Nothing to do again'))
        return
      }
      const outcome = await send(step.parts.map((part) => wanted(part, direction, newest)))
      // A part that could not go back is not this person's to move any more.
      step.parts = outcome.saved.map((saved) =>
        direction === 'undo' ? { line: saved.line, change: saved.before, before: saved.change } : saved,
      )
      const count = outcome.saved.length
      if (count > 0) {
        tell(
          direction === 'undo'
            ? t('Taken back on {count, plural, one {one line} other {# lines}}', { count })
            : t('Done again on {count, plural, one {one line} other {# lines}}', { count }),
        )
      }
      for (const { line } of outcome.refused) drafts.drop(line.id)
      if (outcome.refused.length > 0) setPartly({ refused: outcome.refused, saved: count })
    },
    [drafts, history, newest, send, t],
  )
  const undo = useCallback(() => void travel('undo'), [travel])
  const redo = useCallback(() => void travel('redo'), [travel])

  const settle = useCallback(
    (decision: 'mine' | 'theirs') => {
      if (!conflict) return
      setConflict(undefined)
      drafts.drop(conflict.current.id)
      if (decision === 'mine') void commit([{ line: conflict.current, change: conflict.change }])
    },
    [commit, conflict, drafts],
  )

  const settlePart = useCallback(
    (decision: 'keep' | 'undo') => {
      setPartly(undefined)
      if (decision === 'undo') undo()
    },
    [undo],
  )

  return {
    ...{ drafts, saveCells, change, undo, redo },
    conflict,
    settle,
    partly,
    settlePart,
    progress,
    question,
  }
}

/** The next step that changed something; one that was refused as a whole is passed over. */
function nextStep(history: History<Step>, direction: Direction): Step | undefined {
  for (;;) {
    const step = direction === 'undo' ? history.undo() : history.redo()
    if (!step || step.parts.length > 0) return step
  }
}

/** The way back, or forth again, of one line; only over what this person left there. */
function wanted(part: SavedEdit, direction: Direction, newest: Map<string, InvoiceLine>): WantedEdit {
  const [from, to] = direction === 'undo' ? [part.change, part.before] : [part.before, part.change]
  return {
    line: newest.get(part.line.id) ?? part.line,
    change: to,
    isStillMine: (current) => hasOwn(current, from),
  }
}
