/** The two upstream connections. Secrets go in and never come back. */

import { queryOptions, useQueryClient } from '@tanstack/react-query'
import { answer, api, type Schemas } from './client'
import { useIntention } from './intention'
import { dashboardKeys } from './dashboard'

export type Connection = Schemas['ConnectionOut']
export type ConnectedSystem = Schemas['ConnectedSystem']
export type ConnectionTest = Schemas['ConnectionTest']
export type Trait = Schemas['TraitOut']
export type TraitValue = Schemas['TraitIn']['value']

export const connectionKeys = {
  all: ['connections'] as const,
  detail: (system: ConnectedSystem) => ['connections', system] as const,
  traits: (system: ConnectedSystem) => ['connections', system, 'traits'] as const,
}

export const connectionQuery = (system: ConnectedSystem) =>
  queryOptions({
    queryKey: connectionKeys.detail(system),
    queryFn: () => answer(api.GET('/api/v1/connections/{system}', { params: { path: { system } } })),
  })

export function useSaveConnection(system: ConnectedSystem) {
  const client = useQueryClient()
  return useIntention({
    send: (send, body: Schemas['ConnectionIn']) =>
      answer(send.PUT('/api/v1/connections/{system}', { params: { path: { system } }, body })),
    onSuccess: (saved) => {
      client.setQueryData(connectionKeys.detail(system), saved)
      void client.invalidateQueries({ queryKey: dashboardKeys.all })
    },
  })
}

/** Testing writes the result on the connection (status, missing rights), so it is read again. */
export function useTestConnection(system: ConnectedSystem) {
  const client = useQueryClient()
  return useIntention({
    send: (send) => answer(send.POST('/api/v1/connections/{system}/test', { params: { path: { system } } })),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: connectionKeys.detail(system) })
      void client.invalidateQueries({ queryKey: dashboardKeys.all })
    },
  })
}

/** What nobody documents of a PSA: fixed, set, learned from what was read back, or guessed. */
export const traitsQuery = (system: ConnectedSystem) =>
  queryOptions({
    queryKey: connectionKeys.traits(system),
    queryFn: () => answer(api.GET('/api/v1/connections/{system}/traits', { params: { path: { system } } })),
  })

export function useFixTrait(system: ConnectedSystem) {
  const client = useQueryClient()
  return useIntention({
    send: (send, { trait, value }: { trait: string; value: TraitValue }) =>
      answer(
        send.PUT('/api/v1/connections/{system}/traits/{trait}', {
          params: { path: { system, trait } },
          body: { value },
        }),
      ),
    onSuccess: (traits) => client.setQueryData(connectionKeys.traits(system), traits),
  })
}

export function useForgetTrait(system: ConnectedSystem) {
  const client = useQueryClient()
  return useIntention({
    send: (send, trait: string) =>
      answer(
        send.DELETE('/api/v1/connections/{system}/traits/{trait}', { params: { path: { system, trait } } }),
      ),
    onSuccess: (traits) => client.setQueryData(connectionKeys.traits(system), traits),
  })
}
