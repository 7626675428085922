/** API tokens. A token's text is in the answer of its creation and nowhere else. */

import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { answer, api, type Schemas } from './client'

export type ApiToken = Schemas['ApiToken']
export type Scope = Schemas['Scope']

export const tokenKeys = { all: ['tokens'] as const }

export const tokensQuery = queryOptions({
  queryKey: tokenKeys.all,
  queryFn: async () => (await answer(api.GET('/api/v1/tokens'))).items,
})

export function useCreateToken() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: Schemas['NewToken']) => answer(api.POST('/api/v1/tokens', { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: tokenKeys.all }),
  })
}

export function useRevokeToken() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (id: string) =>
      answer(api.DELETE('/api/v1/tokens/{token_id}', { params: { path: { token_id: id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: tokenKeys.all }),
  })
}
