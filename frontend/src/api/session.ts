/** Who is signed in. Signing in or out forgets everything cached for the former person. */

import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { answer, api, type Schemas } from './client'

export type Me = Schemas['Me']
export type Role = Schemas['Role']

export const sessionKeys = { me: ['me'] as const }

export const meQuery = queryOptions({
  queryKey: sessionKeys.me,
  queryFn: () => answer(api.GET('/api/v1/me')),
  staleTime: 5 * 60_000,
  retry: false,
})

export function useSignIn() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: Schemas['SignIn']) => answer(api.POST('/api/v1/session', { body })),
    onSuccess: (me) => {
      client.clear()
      client.setQueryData(sessionKeys.me, me)
    },
  })
}

export function useSignOut() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: () => answer(api.DELETE('/api/v1/session')),
    onSettled: () => client.clear(),
  })
}
