/** Who is signed in. Signing in or out forgets everything cached for the former person. */

import { queryOptions, useQueryClient } from '@tanstack/react-query'
import { answer, api, type Schemas } from './client'
import { useIntention } from './intention'

export type Me = Schemas['Me']
export type Role = Schemas['Role']

const MAY_WORK: Role[] = ['owner', 'admin', 'finance']

/** Whether somebody may edit lines, decide and push; others only look. */
export const mayWork = (me: Me | undefined) => me?.roles.some((role) => MAY_WORK.includes(role)) ?? false

export const sessionKeys = { me: ['me'] as const }

export const meQuery = queryOptions({
  queryKey: sessionKeys.me,
  queryFn: () => answer(api.GET('/api/v1/me')),
  staleTime: 5 * 60_000,
  retry: false,
})

export function useSignIn() {
  const client = useQueryClient()
  return useIntention({
    send: (send, body: Schemas['SignIn']) => answer(send.POST('/api/v1/session', { body })),
    onSuccess: (me) => {
      client.clear()
      client.setQueryData(sessionKeys.me, me)
    },
  })
}

export function useSignOut() {
  const client = useQueryClient()
  return useIntention({
    send: (send) => answer(send.DELETE('/api/v1/session')),
    onSettled: () => client.clear(),
  })
}
