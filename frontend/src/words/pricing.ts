/** The words for price rules. */

import type { PriceSource, RoundingMode, UnitCost } from '@/api/pricing'

export const PRICE_SOURCES: Record<PriceSource, string> = {
  marketplace: 'AppXite’s selling price',
  catalog: 'ConnectWise’s catalog price',
}

export const ROUNDING_MODES: Record<RoundingMode, string> = {
  half_up: 'Half up, away from zero',
  half_even: 'Half to the even step',
  up: 'Up, away from zero',
  down: 'Down, towards zero',
}

export const COST_RULES: Record<UnitCost, string> = {
  none: 'Leave it to ConnectWise',
  as_charged: 'What AppXite charges',
  catalog: 'The catalog’s cost',
}
