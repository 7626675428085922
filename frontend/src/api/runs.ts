/** Loads, mirrors and pushes: their runs, and the invoices a load saw. Runs move by the live stream, else by polling. */

import { infiniteQueryOptions, queryOptions, useQueryClient } from '@tanstack/react-query'
import { answer, api, everyItem, type Schemas, type Sender } from './client'
import { useIntention } from './intention'
import type { Me, Role } from './session'

export type Run = Schemas['RunOut']
export type RunInvoice = Schemas['LoadInvoiceOut']

export interface RunFilter {
  kind?: Schemas['RunKind']
  status?: Schemas['RunStatus']
}

export const runKeys = {
  all: ['runs'] as const,
  lists: ['runs', 'list'] as const,
  active: ['runs', 'list', 'active'] as const,
  list: (filter: RunFilter) => ['runs', 'list', filter] as const,
  detail: (id: string) => ['runs', 'detail', id] as const,
  invoices: (id: string) => ['runs', 'invoices', id] as const,
}

export function isUnderWay(run: Pick<Run, 'status'> | undefined): boolean {
  return run?.status === 'queued' || run?.status === 'running'
}

/** Polling goes on beside the live stream, because the stream may lose a message. */
const POLL_MS = 1_500

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: runKeys.detail(id),
    queryFn: () => answer(api.GET('/api/v1/runs/{run_id}', { params: { path: { run_id: id } } })),
    refetchInterval: (query) => (isUnderWay(query.state.data) ? POLL_MS : false),
  })

export const runsQuery = (filter: RunFilter) =>
  infiniteQueryOptions({
    queryKey: runKeys.list(filter),
    queryFn: ({ pageParam }) =>
      answer(api.GET('/api/v1/runs', { params: { query: { ...filter, limit: 50, cursor: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: (query) =>
      query.state.data?.pages.some((page) => page.items.some(isUnderWay)) ? 2 * POLL_MS : false,
  })

/** What is under way right now, for a page that must show it whoever started it. */
export const activeRunsQuery = queryOptions({
  queryKey: runKeys.active,
  queryFn: async () => {
    const page = await answer(api.GET('/api/v1/runs', { params: { query: { limit: 10 } } }))
    return page.items.filter(isUnderWay)
  },
  refetchInterval: (query) => (query.state.data?.length ? POLL_MS : 30_000),
})

export const runInvoicesQuery = (id: string) =>
  queryOptions({
    queryKey: runKeys.invoices(id),
    queryFn: () =>
      everyItem((cursor) =>
        answer(
          api.GET('/api/v1/runs/{run_id}/invoices', {
            params: { path: { run_id: id }, query: { limit: 1000, cursor } },
          }),
        ),
      ),
  })

/** Starts a run and shows it at once; what it changes is invalidated when it ends (see live.ts). */
function useStartRun<Input>(send: (send: Sender, input: Input) => Promise<Run>) {
  const client = useQueryClient()
  return useIntention({
    send,
    onSuccess: (run) => {
      client.setQueryData(runKeys.detail(run.id), run)
      return client.invalidateQueries({ queryKey: runKeys.lists })
    },
  })
}

export const useLoad = () =>
  useStartRun((send, periods: string[]) => answer(send.POST('/api/v1/loads', { body: { periods } })))

/** Who may start a check for duplicates. It runs every night by itself. */
const MAY_EXAMINE: Role[] = ['owner', 'admin']

export const mayExamine = (me: Me | undefined) =>
  me?.roles.some((role) => MAY_EXAMINE.includes(role)) ?? false

export const useExamine = () => useStartRun((send) => answer(send.POST('/api/v1/examinations')))

export const useRefreshMirrors = () => useStartRun((send) => answer(send.POST('/api/v1/mirrors')))
