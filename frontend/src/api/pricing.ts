/** The price rules, as the billing rules hold them. */

import type { BillingRules } from './billing-rules'
import type { Schemas } from './client'

export type Pricing = Schemas['Pricing']
export type Override = Schemas['Override']
export type LineMatch = Schemas['LineMatch']
export type PriceSource = Schemas['PriceSource']
export type RoundingMode = Schemas['RoundingMode']
export type UnitCost = Schemas['UnitCost']

export interface PricingProps {
  pricing: Pricing
  onChange(pricing: Pricing): void
  /** What is wrong with a field of these rules; `path` goes on from them. */
  errorOf(path: string): string | undefined
}

export const overridesOf = (rules: BillingRules): Override[] => rules.overrides ?? []
