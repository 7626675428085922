/** Receipts: the proof of a push. Only what was billed of it comes later, with ConnectWise's invoices. */

import { queryOptions } from '@tanstack/react-query'
import { answer, api, type Schemas } from './client'

export type Receipt = Schemas['ReceiptOut']
export type ReceiptSummary = Schemas['ReceiptSummary']

export type BilledPeriod = Schemas['BilledPeriod']
export type Difference = Schemas['Difference']
export type ReceiptTotal = Schemas['ReceiptTotal']
export type UnsentItem = Schemas['UnsentItem']

/** Where a receipt can be fetched as a file; the browser does it, with the session's cookie. */
export const receiptFile = (runId: string, format: Schemas['FileFormat']) =>
  `/api/v1/receipts/${runId}/export?format=${format}`

export const receiptKeys = {
  all: ['receipts'] as const,
  list: ['receipts', 'list'] as const,
  detail: (runId: string) => ['receipts', 'detail', runId] as const,
}

export const receiptsQuery = queryOptions({
  queryKey: receiptKeys.list,
  queryFn: async () =>
    (await answer(api.GET('/api/v1/receipts', { params: { query: { limit: 20 } } }))).items,
})

export const receiptQuery = (runId: string) =>
  queryOptions({
    queryKey: receiptKeys.detail(runId),
    queryFn: () => answer(api.GET('/api/v1/receipts/{run_id}', { params: { path: { run_id: runId } } })),
    staleTime: 60_000,
  })
