/** Plans: what ConnectWise lacks for a month, operation by operation, and applying it. */

import { infiniteQueryOptions, queryOptions, useQueryClient } from '@tanstack/react-query'
import { answer, api, type Schemas } from './client'
import { useIntention } from './intention'
import { runKeys } from './runs'

export type Plan = Schemas['PlanOut']
export type PlanScope = Schemas['PlanScope']
export type Operation = Schemas['OperationOut']
export type OperationKind = Schemas['OperationKind']

export const planKeys = {
  all: ['plans'] as const,
  list: (period: string) => ['plans', 'list', period] as const,
  detail: (id: string) => ['plans', 'detail', id] as const,
  everyOperation: (id: string) => ['plans', 'operations', id] as const,
  operations: (id: string, kind: OperationKind | undefined) => ['plans', 'operations', id, kind] as const,
}

export const planQuery = (id: string) =>
  queryOptions({
    queryKey: planKeys.detail(id),
    queryFn: () => answer(api.GET('/api/v1/plans/{plan_id}', { params: { path: { plan_id: id } } })),
    refetchInterval: (query) => (query.state.data?.status === 'computing' ? 1_500 : false),
  })

export const plansQuery = (period: string) =>
  queryOptions({
    queryKey: planKeys.list(period),
    queryFn: async () =>
      (await answer(api.GET('/api/v1/plans', { params: { query: { period, limit: 10 } } }))).items,
  })

export const operationsQuery = (id: string, kind: OperationKind | undefined) =>
  infiniteQueryOptions({
    queryKey: planKeys.operations(id, kind),
    queryFn: ({ pageParam }) =>
      answer(
        api.GET('/api/v1/plans/{plan_id}/operations', {
          params: { path: { plan_id: id }, query: { kind, limit: 500, cursor: pageParam } },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    structuralSharing: false,
  })

/** Whether a plan is about every line of its month. */
export function isWholeMonth({
  organization_ids,
  agreement_ids,
  line_ids,
  subscription_id,
}: PlanScope): boolean {
  return !(organization_ids.length || agreement_ids.length || line_ids.length || subscription_id)
}

/** The scope in the words of a request, which names only what narrows it. */
function asRequest(scope: PlanScope): Schemas['PlanIn'] {
  const named = (ids: string[]) => (ids.length ? ids : undefined)
  return {
    period: scope.period,
    organizations: named(scope.organization_ids),
    agreements: named(scope.agreement_ids),
    lines: named(scope.line_ids),
    subscription: scope.subscription_id,
  }
}

/** The scope of all lines of a month. */
export function wholeMonth(period: string): PlanScope {
  return { period, organization_ids: [], agreement_ids: [], line_ids: [] }
}

/** A new plan; earlier ones of the same scope may become stale by it. */
export function useMakePlan() {
  const client = useQueryClient()
  return useIntention({
    send: (send, scope: PlanScope) => answer(send.POST('/api/v1/plans', { body: asRequest(scope) })),
    onSuccess: (plan) => {
      client.setQueryData(planKeys.detail(plan.id), plan)
      return client.invalidateQueries({ queryKey: planKeys.list(plan.period) })
    },
  })
}

/** Pushes a plan. Whether it went or was refused as stale, the plan is read again. */
export function useApplyPlan() {
  const client = useQueryClient()
  return useIntention({
    send: (send, id: string) =>
      answer(send.POST('/api/v1/plans/{plan_id}/apply', { params: { path: { plan_id: id } } })),
    onSuccess: (run) => {
      client.setQueryData(runKeys.detail(run.id), run)
      void client.invalidateQueries({ queryKey: runKeys.lists })
    },
    onSettled: (_run, _error, id) => client.invalidateQueries({ queryKey: planKeys.detail(id) }),
  })
}
