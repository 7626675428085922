/** Organization → company. A change re-rates lines not yet sent, so lines, totals and plans become old with it. */

import { queryOptions, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { answer, api, everyItem, type Schemas } from './client'
import { useIntention } from './intention'
import { dashboardKeys } from './dashboard'
import { refreshLines } from './lines'
import { planKeys } from './plans'

export type Organization = Schemas['OrganizationItem']
export type OrganizationState = Schemas['OrganizationState']

export const organizationKeys = { all: ['organizations'] as const }

export const organizationsQuery = queryOptions({
  queryKey: organizationKeys.all,
  queryFn: () =>
    everyItem((cursor) =>
      answer(api.GET('/api/v1/organizations', { params: { query: { limit: 1000, cursor } } })),
    ),
})

/** What any mapping change makes old. Lines follow in the background, hence everything about them. */
export function forgetRatedLines(client: QueryClient): void {
  refreshLines(client)
  void client.invalidateQueries({ queryKey: planKeys.all })
  void client.invalidateQueries({ queryKey: dashboardKeys.all })
}

export function useEditOrganization() {
  const client = useQueryClient()
  return useIntention({
    send: (send, { id, body }: { id: string; body: Schemas['OrganizationChange'] }) =>
      answer(
        send.PATCH('/api/v1/organizations/{organization_id}', {
          params: { path: { organization_id: id } },
          body,
        }),
      ),
    onSuccess: (saved) => {
      client.setQueryData(organizationsQuery.queryKey, (items) =>
        items?.map((item) => (item.id === saved.id ? saved : item)),
      )
      forgetRatedLines(client)
    },
    onError: () => client.invalidateQueries({ queryKey: organizationKeys.all }),
  })
}

export function useAcceptOrganizationSuggestions() {
  const client = useQueryClient()
  return useIntention({
    send: (send, ids: string[]) =>
      answer(send.POST('/api/v1/organizations/accept-suggestions', { body: { ids } })),
    onSuccess: () => {
      forgetRatedLines(client)
      return client.invalidateQueries({ queryKey: organizationKeys.all })
    },
  })
}
