/** Plans: what ConnectWise lacks for a month, operation by operation, and applying it. */

import { infiniteQueryOptions, queryOptions, useQueryClient } from '@tanstack/react-query'
import { answer, api, everyItem, type Schemas } from './client'
import { useIntention } from './intention'
import { runKeys } from './runs'

export type Plan = Schemas['PlanOut']
export type PlanScope = Schemas['PlanScope']
export type Operation = Schemas['OperationOut']
export type OperationKind = Schemas['OperationKind']
export type UndecidedCause = Schemas['UndecidedCause']
export type Decision = Schemas['DecisionIn']
export type ByHandEntry = Schemas['ByHandEntry']
export type ByHand = Schemas['ByHand']
export type HandDecision = Schemas['HandDecisionIn']
export type Choice = NonNullable<Operation['choice']>

/** An addition that bills without a charge: somebody is asked about it. */
export type Question = Operation & { cause: UndecidedCause }

export const planKeys = {
  all: ['plans'] as const,
  list: (period: string) => ['plans', 'list', period] as const,
  detail: (id: string) => ['plans', 'detail', id] as const,
  everyOperation: (id: string) => ['plans', 'operations', id] as const,
  operations: (id: string, kind: OperationKind | undefined) => ['plans', 'operations', id, kind] as const,
  byHand: (id: string) => ['plans', 'by-hand', id] as const,
  questions: (id: string) => ['plans', 'operations', id, 'questions'] as const,
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

const asksSomething = (operation: Operation): operation is Question => operation.cause !== null

/** One order whatever was decided: deciding must not move a row away from under the cursor. */
function inPlace(a: Operation, b: Operation): number {
  return (
    a.organization.localeCompare(b.organization) ||
    a.agreement.localeCompare(b.agreement) ||
    a.subscription.localeCompare(b.subscription) ||
    a.id.localeCompare(b.id)
  )
}

/** Every addition of a plan that bills without a charge: those still undecided, and those decided to end. */
export const questionsQuery = (id: string) =>
  queryOptions({
    queryKey: planKeys.questions(id),
    queryFn: async () => {
      const [undecided, closed] = await Promise.all([
        everyOperation(id, 'undecided'),
        everyOperation(id, 'close'),
      ])
      return [...undecided, ...closed].filter(asksSomething).sort(inPlace)
    },
  })

function everyOperation(id: string, kind: OperationKind): Promise<Operation[]> {
  return everyItem((cursor) =>
    answer(
      api.GET('/api/v1/plans/{plan_id}/operations', {
        params: { path: { plan_id: id }, query: { kind, limit: 1000, cursor } },
      }),
    ),
  )
}

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

/** As many decisions as the server takes in one request. */
export const MOST_DECISIONS = 1_000

/** Decides about questions of a plan, all or none. Done when the page shows what was decided. */
export function useDecide(id: string) {
  const client = useQueryClient()
  return useIntention({
    send: (send, body: Decision[]) =>
      answer(send.POST('/api/v1/plans/{plan_id}/decisions', { params: { path: { plan_id: id } }, body })),
    onSuccess: (plan) => client.setQueryData(planKeys.detail(id), plan),
    onError: () => void client.invalidateQueries({ queryKey: planKeys.detail(id) }),
    onSettled: () => client.invalidateQueries({ queryKey: planKeys.everyOperation(id) }),
  })
}

/** Every charge with what people made by hand beside it, and what they made beside which no charge stands. */
export const byHandQuery = (id: string) =>
  queryOptions({
    queryKey: planKeys.byHand(id),
    queryFn: () =>
      everyItem((cursor) =>
        answer(
          api.GET('/api/v1/plans/{plan_id}/by-hand', {
            params: { path: { plan_id: id }, query: { limit: 1000, cursor } },
          }),
        ),
      ),
  })

/** Says what is billed by hand. The plan is stale then, and the next one follows the decision. */
export function useDecideByHand(id: string) {
  const client = useQueryClient()
  return useIntention({
    send: (send, body: HandDecision[]) =>
      answer(
        send.POST('/api/v1/plans/{plan_id}/hand-decisions', { params: { path: { plan_id: id } }, body }),
      ),
    onSuccess: (plan) => client.setQueryData(planKeys.detail(id), plan),
    onSettled: () => client.invalidateQueries({ queryKey: planKeys.byHand(id) }),
  })
}
