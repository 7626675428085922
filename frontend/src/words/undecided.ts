/** The words of the rules for additions that bill although no charge stands behind them. */

import type { UndecidedCause, UndecidedRule } from '@/api/billing-rules'

/** What happened, as a sentence that a choice answers. */
export const UNDECIDED_CAUSES: Record<UndecidedCause, string> = {
  vanished: 'A row vanished from its invoice after it was pushed',
  excluded: 'A line or its customer was excluded after it was pushed',
  held: 'A line that was pushed can no longer go out',
  free: 'A line that was pushed charges nothing any more',
  dropped: 'A line that was pushed is a credit now, and a rule drops it',
  absent: 'A complete month brings no line for an addition',
}

export const UNDECIDED_RULES: Record<UndecidedRule, string> = {
  ask: 'Ask me',
  end: 'End its addition',
  keep: 'Keep billing it',
}
