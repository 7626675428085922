/** What the questions of a plan come to: by cause, in money, open and decided. */

import type { Plan, Question, UndecidedCause } from '@/api/plans'
import { addAmounts, type Amounts } from '@/exact'
import { CAUSE_ORDER } from '@/words/plans'

export interface CauseGroup {
  cause: UndecidedCause
  questions: Question[]
}

export function groupByCause(questions: Question[]): CauseGroup[] {
  return CAUSE_ORDER.map((cause) => ({
    cause,
    questions: questions.filter((question) => question.cause === cause),
  })).filter((group) => group.questions.length > 0)
}

/** What questions bill together. `unknown` counts those whose money nobody can say. */
export interface Bill {
  amounts: Amounts
  unknown: number
}

export function sumOf(questions: Question[]): Bill {
  const known = questions.flatMap(({ currency, will_bill }) => (will_bill ? [{ [currency]: will_bill }] : []))
  return { amounts: addAmounts(...known), unknown: questions.length - known.length }
}

export const isOpen = ({ choice }: Question): boolean => choice === null

/** Whatever goes on billing without a charge when the plan is applied as it stands. */
export const goesOn = ({ choice }: Question): boolean => choice !== 'end'

/** Nothing is decided any more about a plan that is applied or stale. */
export const canDecide = (plan: Plan): boolean => plan.status === 'ready'

/** The last day that ending it would bill; undefined where it would bill no day at all. */
export function lastBilledDay({ before, ending }: Question): string | undefined {
  if (ending.bill_option !== before.bill_option) return undefined
  return typeof ending.cancelled_date === 'string' ? ending.cancelled_date : undefined
}
