/** Billing rules, versioned. Saving concerns lines loaded from now on, and makes open plans stale. */

import { queryOptions, useQueryClient } from '@tanstack/react-query'
import { answer, api, type Schemas } from './client'
import { useIntention } from './intention'
import { planKeys } from './plans'

export type RulesVersion = Schemas['RulesVersion']

export type BillingRules = Schemas['BillingRules']
export type DateRule = Schemas['DateRule']
export type DateRuleKind = Schemas['DateRuleKind']
export type ChargeType = Schemas['ChargeType']
export type UndecidedRule = NonNullable<BillingRules['when_undecided']>[string]
export type UndecidedCause = Schemas['UndecidedCause']

export const ruleKeys = { all: ['billing-rules'] as const }

export const billingRulesQuery = queryOptions({
  queryKey: ruleKeys.all,
  queryFn: () => answer(api.GET('/api/v1/billing-rules')),
})

export function useSaveRules() {
  const client = useQueryClient()
  return useIntention({
    send: (send, body: Schemas['RulesChange']) => answer(send.PUT('/api/v1/billing-rules', { body })),
    onSuccess: (saved) => {
      client.setQueryData(ruleKeys.all, saved)
      void client.invalidateQueries({ queryKey: planKeys.all })
    },
  })
}
