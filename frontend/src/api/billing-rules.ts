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

export const ruleKeys = {
  all: ['billing-rules'] as const,
  firstPeriod: (period: string | null) => ['billing-rules', 'first-period', period] as const,
  description: (template: string, dayForm: string) =>
    ['billing-rules', 'description', template, dayForm] as const,
}

export const billingRulesQuery = queryOptions({
  queryKey: ruleKeys.all,
  queryFn: () => answer(api.GET('/api/v1/billing-rules')),
})

/** What another first period would do to lines that are loaded. */
export const firstPeriodQuery = (period: string | null) =>
  queryOptions({
    queryKey: ruleKeys.firstPeriod(period),
    queryFn: () =>
      answer(
        api.GET('/api/v1/billing-rules/first-period-effect', {
          params: { query: { first_period: period ?? undefined } },
        }),
      ),
  })

/** How lines of the newest month would be described; nothing is saved. */
export const descriptionQuery = (template: string, dayForm: Schemas['DayForm']) =>
  queryOptions({
    queryKey: ruleKeys.description(template, dayForm),
    queryFn: () =>
      answer(
        api.GET('/api/v1/billing-rules/description', {
          params: { query: { template, day_form: dayForm } },
        }),
      ),
    retry: false,
  })

export function useSaveRules() {
  const client = useQueryClient()
  return useIntention({
    send: (send, body: Schemas['RulesChange']) => answer(send.PUT('/api/v1/billing-rules', { body })),
    onSuccess: (saved) => {
      client.setQueryData(ruleKeys.all, saved)
      client.removeQueries({ queryKey: ['billing-rules', 'first-period'] })
      void client.invalidateQueries({ queryKey: planKeys.all })
    },
  })
}
