/**
 * Bulk edits: a preview, one step that changes all lines, and its undo as a whole.
 * Each is a job of the server, followed by polling.
 */

import { queryOptions, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { answer, api, type Schemas, type Sender } from './client'
import { useIntention } from './intention'
import { forgetRatedLines } from './organizations'

export type BulkEdit = Schemas['BulkEditOut']
export type BulkPreview = Schemas['BulkPreview']
export type BulkStatus = Schemas['BulkEditStatus']

export const bulkEditKeys = {
  all: ['bulk-edits'] as const,
  list: ['bulk-edits', 'list'] as const,
  detail: (id: string) => ['bulk-edits', 'detail', id] as const,
}

const AT_WORK: BulkStatus[] = ['previewing', 'applying', 'undoing', 'redoing']

export const isAtWork = (edit: Pick<BulkEdit, 'status'> | undefined) =>
  edit !== undefined && AT_WORK.includes(edit.status)

const POLL_MS = 1_000

export const bulkEditQuery = (id: string) =>
  queryOptions({
    queryKey: bulkEditKeys.detail(id),
    queryFn: () =>
      answer(api.GET('/api/v1/bulk-edits/{bulk_edit_id}', { params: { path: { bulk_edit_id: id } } })),
    refetchInterval: (query) => (isAtWork(query.state.data) ? POLL_MS : false),
  })

function take(client: QueryClient, edit: BulkEdit): void {
  client.setQueryData(bulkEditKeys.detail(edit.id), edit)
}

/** A bulk edit that is followed to the end of its work; what it changed is read again. */
export function useBulkEdit(id: string | undefined) {
  const client = useQueryClient()
  const query = useQuery({ ...bulkEditQuery(id ?? ''), enabled: id !== undefined })
  const wasAtWork = useRef(false)
  const edit = query.data
  useEffect(() => {
    if (!edit) return
    if (wasAtWork.current && !isAtWork(edit) && edit.applied_by !== null) forgetRatedLines(client)
    wasAtWork.current = isAtWork(edit)
  }, [client, edit])
  return query
}

function useStep<Input>(send: (send: Sender, input: Input) => Promise<BulkEdit>) {
  const client = useQueryClient()
  return useIntention({ send, onSuccess: (edit) => take(client, edit) })
}

const at = (id: string) => ({ path: { bulk_edit_id: id } })

export const useApplyBulkEdit = () =>
  useStep((send, { id, reason }: { id: string; reason: string }) =>
    answer(send.POST('/api/v1/bulk-edits/{bulk_edit_id}/apply', { params: at(id), body: { reason } })),
  )

export const useUndoBulkEdit = () =>
  useStep((send, id: string) =>
    answer(send.POST('/api/v1/bulk-edits/{bulk_edit_id}/undo', { params: at(id) })),
  )
