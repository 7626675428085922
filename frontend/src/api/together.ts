/** The same change of many lines, as a bulk edit by ids: previewed, then made for all of them together. */

import { useCallback } from 'react'
import { isAtWork, useApplyBulkEdit, usePreviewBulkEdit, type BulkChange, type BulkEdit } from './bulk-edits'
import { answer, api } from './client'

/** Field → value; null gives the field back to the rules. */
export type Values = Record<string, string | boolean | null>

export interface Together {
  /** Why lines were left out, or all of them when the edit failed. */
  refusal: string
}

const PAUSE_MS = 250

function changesOf(values: Values): BulkChange[] {
  const cleared = Object.keys(values).filter((field) => values[field] === null)
  const set = Object.entries(values).flatMap(([field, value]) =>
    value === null ? [] : [{ kind: 'set' as const, field, value }],
  )
  return cleared.length ? [...set, { kind: 'clear', fields: cleared }] : set
}

/** Waits until the bulk edit is no longer at work. */
async function settled(edit: BulkEdit): Promise<BulkEdit> {
  let newest = edit
  while (isAtWork(newest)) {
    await new Promise((done) => setTimeout(done, PAUSE_MS))
    const path = { bulk_edit_id: edit.id }
    newest = await answer(api.GET('/api/v1/bulk-edits/{bulk_edit_id}', { params: { path } }))
  }
  return newest
}

/**
 * `askReason` is called where so many lines change that they need a reason; without one nothing is changed.
 * Which lines took the change is seen by reading them again.
 */
export function useChangeTogether(askReason: (lines: number) => Promise<string | undefined>) {
  const { mutateAsync: request } = usePreviewBulkEdit()
  const { mutateAsync: apply } = useApplyBulkEdit()
  return useCallback(
    async (line_ids: string[], values: Values): Promise<Together> => {
      const asked = await request({ scope: { line_ids }, changes: changesOf(values) })
      const ready = await settled(asked)
      if (ready.status !== 'ready') return { refusal: ready.error }
      const refusal = ready.preview?.skipped.find(({ reason }) => reason !== 'unchanged')?.words ?? ''
      if (ready.preview?.changed.count === 0) return { refusal }
      const reason = ready.needs_reason ? await askReason(line_ids.length) : ''
      if (reason === undefined) return { refusal: 'So many lines change that a reason is needed.' }
      const done = await settled(await apply({ id: ready.id, reason }))
      return { refusal: done.status === 'applied' ? refusal : done.error }
    },
    [request, apply, askReason],
  )
}
