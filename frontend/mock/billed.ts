/** What bills without a charge, and what a receipt says of it: questions of a plan, their decisions, differences. */

import type { components } from '../src/api/schema.gen.ts'
import { add, signOf } from '../src/exact.ts'
import { cents, lastDayOf, type Line, type Plan, type World } from './world.ts'

type Schemas = components['schemas']
export type Operation = Schemas['OperationOut']
type Cause = Schemas['UndecidedCause']

/** Of an operation that asks nothing. */
export const NO_QUESTION = {
  cause: null,
  choice: null,
  choice_reason: '',
  keep_until: null,
  decided_by: '',
  will_bill: null,
  charged: null,
  ending: {},
} satisfies Partial<Operation>

const WHY: Record<Cause, string> = {
  excluded: 'Its line, or the customer, is excluded.',
  held: 'Its line is held.',
  vanished: 'Its line is no longer on the invoice.',
  free: 'Its line charges nothing.',
  dropped: 'Its line is a credit now, and a rule drops it.',
  absent: 'The month is complete and charges nothing for it.',
}
const CAUSES: Cause[] = ['held', 'absent', 'held', 'vanished', 'excluded', 'absent', 'absent', 'free', 'held']

function monthBefore(period: string): string {
  const [year = 0, month = 1] = period.split('-').map(Number)
  return new Date(Date.UTC(year, month - 2, 1)).toISOString().slice(0, 7)
}

/** One question for every seventh line that has an agreement, the causes in turn. */
export function makeQuestions(lines: Line[], period: string): Operation[] {
  return lines
    .filter(({ agreement, is_recurring }) => agreement && is_recurring)
    .filter((_, index) => index % 7 === 3)
    .slice(0, 24)
    .map((line, index) => makeQuestion(line, CAUSES[index % CAUSES.length]!, index, period))
}

function makeQuestion(line: Line, cause: Cause, index: number, period: string): Operation {
  const earlier = monthBefore(period)
  const bills = cents(1_195 + index * 1_317)
  const before = {
    quantity: '1',
    unit_price: bills,
    effective_date: `${earlier}-01`,
    cancelled_date: null,
    bill_option: 'Billable',
  }
  return {
    id: `ask-${index}`,
    kind: 'undecided',
    organization: line.organization,
    company: line.company ?? '',
    agreement: line.agreement ?? '',
    agreement_id: line.agreement_id ?? '',
    addition_id: String(7_700 + index),
    product: line.product ?? '',
    subscription: line.subscription,
    currency: line.currency,
    amount: bills,
    line_id: null,
    carries: [],
    before,
    after: before,
    changes: [],
    explanation: [WHY[cause], `Without a charge it will bill ${bills} ${line.currency}.`],
    warnings: index === 4 ? ['Changed in ConnectWise since we wrote it: quantity 3 → 1.'] : [],
    ...NO_QUESTION,
    cause,
    will_bill: bills,
    ending:
      cause === 'vanished'
        ? { ...before, cancelled_date: `${earlier}-01`, bill_option: 'DoNotBill' }
        : { ...before, cancelled_date: lastDayOf(earlier) },
    status: 'planned',
    error: '',
  }
}

/** Carries out one decision on its operation, as the server does. */
export function decide(operation: Operation, decision: Schemas['DecisionIn'], by: string): void {
  const ends = decision.choice === 'end'
  Object.assign(operation, {
    kind: ends ? 'close' : 'undecided',
    after: ends ? operation.ending : operation.before,
    changes: ends
      ? [
          {
            field: 'cancelled_date',
            before: operation.before.cancelled_date,
            after: operation.ending.cancelled_date,
          },
        ]
      : [],
    choice: decision.choice,
    choice_reason: decision.reason,
    keep_until: decision.until ?? null,
    decided_by: by,
  })
}

export function countKinds(operations: Operation[]): Plan['summary'] {
  const count = (kind: Operation['kind']) => operations.filter((operation) => operation.kind === kind).length
  return {
    create: count('create'),
    update: count('update'),
    cancel: count('cancel'),
    close: count('close'),
    adopt: count('adopt'),
    true_up: count('true_up'),
    undecided: count('undecided'),
    none: count('none'),
  }
}

/** What bills on without a charge after a push. */
export function makeDifferences(operations: Operation[], world: World): Schemas['Difference'][] {
  return operations
    .filter(({ kind, will_bill }) => kind === 'undecided' && will_bill)
    .map((operation, index) => differ(operation, index, world))
}

function differ(operation: Operation, index: number, world: World): Schemas['Difference'] {
  const { organization, subscription, currency, will_bill, cause, choice, choice_reason } = operation
  const expected = index % 6 === 5 ? '0.00' : (will_bill ?? '0.00')
  const charged = index % 6 === 5 ? (will_bill ?? '0.00') : '0.00'
  const amount = add(expected, charged.startsWith('0.00') ? '0.00' : `-${charged}`)
  const isLess = signOf(amount) < 0
  const why =
    choice === 'keep'
      ? `Dana Reyes keeps it (${choice_reason})`
      : WHY[cause ?? 'held'].toLowerCase().replace('.', '')
  return {
    kind: isLess ? 'less' : 'no_charge',
    organization,
    organization_id: world.organizations.find(({ name }) => name === organization)?.id ?? '',
    agreement: operation.agreement,
    agreement_id: operation.agreement_id,
    addition_id: operation.addition_id,
    subscription,
    currency,
    amount,
    charged,
    expected,
    reason: isLess
      ? `${subscription} of ${organization} bills only ${expected} ${currency} while AppXite charges ${charged} ${currency}: the agreement prorates by days.`
      : `${subscription} of ${organization} bills ${expected} ${currency} although AppXite charges nothing for it: ${why}.`,
    next_step: isLess
      ? 'Compare the dates of the line with the billing periods of its agreement, correct them, then plan again.'
      : 'Decide in the next plan whether it ends or stays.',
  }
}
