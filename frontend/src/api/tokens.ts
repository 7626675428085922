/** API tokens. A token's text is in the answer of its creation and nowhere else. */

import { queryOptions, useQueryClient } from '@tanstack/react-query'
import { answer, api, type Schemas } from './client'
import { useIntention } from './intention'

export type ApiToken = Schemas['ApiToken']
export type Scope = Schemas['Scope']

export const tokenKeys = { all: ['tokens'] as const }

export const tokensQuery = queryOptions({
  queryKey: tokenKeys.all,
  queryFn: async () => (await answer(api.GET('/api/v1/tokens'))).items,
})

export function useCreateToken() {
  const client = useQueryClient()
  return useIntention({
    send: (send, body: Schemas['NewToken']) => answer(send.POST('/api/v1/tokens', { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: tokenKeys.all }),
  })
}

export function useRevokeToken() {
  const client = useQueryClient()
  return useIntention({
    send: (send, id: string) =>
      answer(send.DELETE('/api/v1/tokens/{token_id}', { params: { path: { token_id: id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: tokenKeys.all }),
  })
}
