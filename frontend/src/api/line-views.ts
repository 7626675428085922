/** Saved views of the grid: one's own, and those that are shared. */

import { queryOptions, useQueryClient } from '@tanstack/react-query'
import { answer, api, type Schemas } from './client'
import { useIntention } from './intention'

export type LineViewOut = Schemas['LineViewOut']
export type ViewContent = Schemas['ViewContent']

export const lineViewKeys = { all: ['line-views'] as const }

export const lineViewsQuery = queryOptions({
  queryKey: lineViewKeys.all,
  queryFn: async () => (await answer(api.GET('/api/v1/line-views'))).items,
})

function useRefresh() {
  const client = useQueryClient()
  return { onSettled: () => client.invalidateQueries({ queryKey: lineViewKeys.all }) }
}

export function useCreateView() {
  return useIntention({
    send: (send, body: Schemas['LineViewIn']) => answer(send.POST('/api/v1/line-views', { body })),
    ...useRefresh(),
  })
}

export function useChangeView() {
  return useIntention({
    send: (send, { id, ...body }: { id: string } & Schemas['LineViewChange']) =>
      answer(send.PUT('/api/v1/line-views/{view_id}', { params: { path: { view_id: id } }, body })),
    ...useRefresh(),
  })
}

export function useShareView() {
  return useIntention({
    send: (send, { id, ...body }: { id: string } & Schemas['Sharing']) =>
      answer(send.PUT('/api/v1/line-views/{view_id}/sharing', { params: { path: { view_id: id } }, body })),
    ...useRefresh(),
  })
}

export function useDeleteView() {
  return useIntention({
    send: async (send, id: string) => {
      await send.DELETE('/api/v1/line-views/{view_id}', { params: { path: { view_id: id } } })
      return id
    },
    ...useRefresh(),
  })
}
