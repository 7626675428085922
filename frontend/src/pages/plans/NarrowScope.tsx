/** What a plan or its receipt is about when that is not the whole month. */

import { Info } from 'lucide-react'
import { isWholeMonth, type PlanScope } from '@/api/plans'
import { useT } from '@/i18n'
import classes from './plans.module.css'

interface Props {
  scope: PlanScope
  /** The sentence around what is named: "2 customers, 1 agreement". */
  children(named: string): string
}

export function NarrowScope({ scope, children }: Props) {
  const t = useT()
  if (isWholeMonth(scope)) return null
  const narrowing: [number, string][] = [
    [scope.organization_ids.length, '{count, plural, one {# organization} other {# organizations}}'],
    [scope.agreement_ids.length, '{count, plural, one {# agreement} other {# agreements}}'],
    [scope.line_ids.length, '{count, plural, one {# line} other {# lines}}'],
    [scope.subscription_id ? 1 : 0, '{count, plural, one {# subscription} other {# subscriptions}}'],
  ]
  const named = narrowing.filter(([count]) => count > 0).map(([count, words]) => t(words, { count }))
  return (
    <div className={classes.scope} data-testid="plan-scope">
      <Info size={16} aria-hidden />
      {children(named.join(', '))}
    </div>
  )
}
