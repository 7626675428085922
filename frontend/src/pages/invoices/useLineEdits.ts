/**
 * Saves edits of lines. Edits of one line queue up behind each other, so that tabbing from one date to the
 * next never collides with itself; a collision with somebody else is shown and can be retried.
 */

import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useRef, useState } from 'react'
import { placeLine, useEditLine, type InvoiceLine, type LineEdit } from '@/api/lines'
import { asProblem, isProblem } from '@/api/problem'
import { DraftStore } from '@/grid/drafts'
import { tellProblem } from '@/ui/notice'

/** What a person changes; a null takes their value away. */
export type LineChange = Partial<Omit<LineEdit['body'], 'version'>>

export interface Conflict {
  /** The line as somebody else left it. */
  current: InvoiceLine
  change: LineChange
}

function typedValues(change: LineChange): Record<string, string> {
  const { charge_start_date, charge_end_date } = change
  return {
    ...(charge_start_date ? { charge_start_date } : {}),
    ...(charge_end_date ? { charge_end_date } : {}),
  }
}

export function useLineEdits() {
  const client = useQueryClient()
  const { mutateAsync } = useEditLine()
  const [drafts] = useState(() => new DraftStore())
  const [conflict, setConflict] = useState<Conflict>()
  const queues = useRef(new Map<string, Promise<boolean>>())
  const newest = useRef(new Map<string, InvoiceLine>())

  const send = useCallback(
    async (line: InvoiceLine, change: LineChange): Promise<boolean> => {
      const known = newest.current.get(line.id)
      const version = known && known.version > line.version ? known.version : line.version
      const values = typedValues(change)
      drafts.put(line.id, { values, state: 'saving' })
      try {
        const saved = await mutateAsync({ id: line.id, body: { version, ...change } })
        newest.current.set(line.id, saved)
        drafts.drop(line.id)
        return true
      } catch (error) {
        const problem = asProblem(error)
        const current = problem.body.current as InvoiceLine | undefined
        if (isProblem(error) && error.status === 409 && current) {
          newest.current.set(line.id, current)
          placeLine(client, current)
          drafts.put(line.id, { values, state: 'conflict', message: problem.detail })
          setConflict({ current, change })
          return false
        }
        drafts.put(line.id, { values, state: 'refused', message: problem.detail })
        tellProblem(error)
        return false
      }
    },
    [client, drafts, mutateAsync],
  )

  const save = useCallback(
    (line: InvoiceLine, change: LineChange): Promise<boolean> => {
      const before = queues.current.get(line.id) ?? Promise.resolve(true)
      const next = before.then(() => send(line, change))
      queues.current.set(line.id, next)
      return next
    },
    [send],
  )

  const settle = useCallback(
    (decision: 'mine' | 'theirs') => {
      if (!conflict) return
      setConflict(undefined)
      drafts.drop(conflict.current.id)
      if (decision === 'mine') void save(conflict.current, conflict.change)
    },
    [conflict, drafts, save],
  )

  return { drafts, save, conflict, settle }
}
