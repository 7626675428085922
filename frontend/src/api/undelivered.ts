/** Facts that a service could not take in: they rest until somebody asks for another try. */

import { queryOptions, useQueryClient } from '@tanstack/react-query'
import { answer, api, type Schemas } from './client'
import { useIntention } from './intention'
import { logKeys } from './logs'
import type { Me, Role } from './session'

export type Undelivered = Schemas['Undelivered']

const MAY_LOOK: Role[] = ['owner', 'admin', 'auditor']
const MAY_RETRY: Role[] = ['owner', 'admin']

export const mayLook = (me: Me | undefined) => me?.roles.some((role) => MAY_LOOK.includes(role)) ?? false
export const mayRetry = (me: Me | undefined) => me?.roles.some((role) => MAY_RETRY.includes(role)) ?? false

export const undeliveredQuery = queryOptions({
  queryKey: logKeys.undelivered,
  queryFn: async () => (await answer(api.GET('/api/v1/system-logs/undelivered'))).items,
  refetchInterval: 60_000,
})

/** Try one again, or all when none is named; answers with how many went back to work. */
export function useRetryUndelivered() {
  const client = useQueryClient()
  return useIntention({
    send: (send, chosen?: Undelivered) =>
      answer(
        send.POST('/api/v1/system-logs/undelivered/retry', {
          body: { deliveries: chosen ? [{ event_id: chosen.event_id, consumer: chosen.consumer }] : null },
        }),
      ),
    onSettled: () => client.invalidateQueries({ queryKey: logKeys.all }),
  })
}
