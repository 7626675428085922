/**
 * Bulk edits: a preview, one step that changes all lines, and its undo and redo as a whole.
 * Each is a job of the server; it moves by the live stream, else by polling.
 */

import {
  infiniteQueryOptions,
  queryOptions,
  useQuery,
  useQueryClient,
  type QueryClient,
} from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { answer, api, type Schemas, type Sender } from './client'
import { useIntention } from './intention'
import { filterQuery, type LineFilter } from './lines'
import { forgetRatedLines } from './organizations'

export type BulkEdit = Schemas['BulkEditOut']
export type BulkChange = Schemas['BulkEditIn']['changes'][number]
export type BulkPreview = Schemas['BulkPreview']
export type BulkScope = NonNullable<Schemas['BulkEditIn']['scope']>
export type BulkStatus = Schemas['BulkEditStatus']
export type EditableField = Schemas['EditableFieldItem']
export type SkipReason = Schemas['SkipReason']
export type SkippedLine = Schemas['SkippedLine']
export type TrailEntry = Schemas['TrailEntry']

/** The server takes so many lines by id; more are named by their filter. */
export const MOST_IDS = 5_000

export const bulkEditKeys = {
  all: ['bulk-edits'] as const,
  list: ['bulk-edits', 'list'] as const,
  detail: (id: string) => ['bulk-edits', 'detail', id] as const,
  skipped: (id: string, reason: SkipReason) => ['bulk-edits', 'skipped', id, reason] as const,
  trail: (id: string) => ['bulk-edits', 'trail', id] as const,
  fields: ['bulk-edits', 'fields'] as const,
}

const AT_WORK: BulkStatus[] = ['previewing', 'applying', 'undoing', 'redoing']

export const isAtWork = (edit: Pick<BulkEdit, 'status'> | undefined) =>
  edit !== undefined && AT_WORK.includes(edit.status)

/** Polling goes on beside the live stream, because the stream may lose a message. */
const POLL_MS = 1_000

export const bulkEditQuery = (id: string) =>
  queryOptions({
    queryKey: bulkEditKeys.detail(id),
    queryFn: () =>
      answer(api.GET('/api/v1/bulk-edits/{bulk_edit_id}', { params: { path: { bulk_edit_id: id } } })),
    refetchInterval: (query) => (isAtWork(query.state.data) ? POLL_MS : false),
  })

export const bulkEditsQuery = infiniteQueryOptions({
  queryKey: bulkEditKeys.list,
  queryFn: ({ pageParam }) =>
    answer(api.GET('/api/v1/bulk-edits', { params: { query: { limit: 50, cursor: pageParam } } })),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => page.next_cursor ?? undefined,
  refetchInterval: (query) =>
    query.state.data?.pages.some((page) => page.items.some(isAtWork)) ? 2 * POLL_MS : false,
})

export const skippedLinesQuery = (id: string, reason: SkipReason) =>
  infiniteQueryOptions({
    queryKey: bulkEditKeys.skipped(id, reason),
    queryFn: ({ pageParam }) =>
      answer(
        api.GET('/api/v1/bulk-edits/{bulk_edit_id}/skipped', {
          params: { path: { bulk_edit_id: id }, query: { reason, limit: 50, cursor: pageParam } },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    staleTime: Infinity,
  })

/** What the audit trail holds of one bulk edit, newest first. */
export const bulkTrailQuery = (id: string) =>
  queryOptions({
    queryKey: bulkEditKeys.trail(id),
    queryFn: async () =>
      (
        await answer(
          api.GET('/api/v1/audit-trail', { params: { query: { subject: `bulk-edit/${id}`, limit: 50 } } }),
        )
      ).items,
  })

/** The fields that people may change, in the server's own words. */
export const editableFieldsQuery = queryOptions({
  queryKey: bulkEditKeys.fields,
  queryFn: async () => (await answer(api.GET('/api/v1/invoice-lines/editable-fields'))).items,
  staleTime: Infinity,
})

/** All lines that match a filter: sent as the filter, so that none needs to be read first. */
export const scopeOfFilter = (filter: LineFilter): BulkScope => ({
  filter: { ...filterQuery(filter), status: filterQuery(filter).status ?? [] },
})

function take(client: QueryClient, edit: BulkEdit): void {
  client.setQueryData(bulkEditKeys.detail(edit.id), edit)
}

/** Its work has ended, whoever noticed: what it changed is read again. */
function settle(client: QueryClient, edit: BulkEdit): void {
  void client.invalidateQueries({ queryKey: bulkEditKeys.list })
  void client.invalidateQueries({ queryKey: bulkEditKeys.trail(edit.id) })
  if (edit.applied_by !== null) forgetRatedLines(client)
}

/** What the live stream tells of a bulk edit, one's own or somebody else's. */
export function takeBulkEdit(client: QueryClient, edit: BulkEdit): void {
  take(client, edit)
  if (!isAtWork(edit)) settle(client, edit)
}

/** A bulk edit that is followed to the end of its work, by the stream or by polling. */
export function useBulkEdit(id: string | undefined) {
  const client = useQueryClient()
  const query = useQuery({ ...bulkEditQuery(id ?? ''), enabled: id !== undefined })
  const wasAtWork = useRef(false)
  const edit = query.data
  useEffect(() => {
    if (!edit) return
    if (wasAtWork.current && !isAtWork(edit)) settle(client, edit)
    wasAtWork.current = isAtWork(edit)
  }, [client, edit])
  return query
}

function useStep<Input>(send: (send: Sender, input: Input) => Promise<BulkEdit>) {
  const client = useQueryClient()
  return useIntention({
    send,
    onSuccess: (edit) => {
      take(client, edit)
      void client.invalidateQueries({ queryKey: bulkEditKeys.list })
    },
  })
}

export const usePreviewBulkEdit = () =>
  useStep((send, body: { scope: BulkScope; changes: BulkChange[] }) =>
    answer(send.POST('/api/v1/bulk-edits', { body: { reason: '', ...body } })),
  )

const at = (id: string) => ({ path: { bulk_edit_id: id } })

export const useApplyBulkEdit = () =>
  useStep((send, { id, reason }: { id: string; reason: string }) =>
    answer(send.POST('/api/v1/bulk-edits/{bulk_edit_id}/apply', { params: at(id), body: { reason } })),
  )

export const useUndoBulkEdit = () =>
  useStep((send, id: string) =>
    answer(send.POST('/api/v1/bulk-edits/{bulk_edit_id}/undo', { params: at(id) })),
  )

export const useRedoBulkEdit = () =>
  useStep((send, id: string) =>
    answer(send.POST('/api/v1/bulk-edits/{bulk_edit_id}/redo', { params: at(id) })),
  )
