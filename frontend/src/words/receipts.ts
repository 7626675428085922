/** The words for receipts: three statements, each with a verdict of its own, and the one that counts most in a list. */

import type { Difference, Receipt, ReceiptSummary } from '@/api/receipts'
import { addAmounts, negateAmounts, signOf, type Amounts } from '@/exact'
import type { Word } from './word'

export type Statement = 'arrived' | 'accounted_for' | 'bills_as_charged'

export const STATEMENTS: Record<Statement, { title: string; yes: string; no: string; unknown: string }> = {
  arrived: {
    title: 'Arrived',
    yes: 'Everything arrived',
    no: 'Not everything arrived',
    unknown: 'Not stated in a receipt of this age',
  },
  accounted_for: {
    title: 'Accounted for',
    yes: 'Every charged cent is sent or listed',
    no: 'Money is missing from the account',
    unknown: 'Not stated in a receipt of this age',
  },
  bills_as_charged: {
    title: 'Will bill as charged',
    yes: 'What was sent bills as charged',
    no: 'Will not bill as charged',
    unknown: 'Not compared with what will be billed',
  },
}

/** Money that was billed by hand before go-live, per currency. */
export function billedBeforeAmounts({ totals }: Pick<ReceiptSummary, 'totals'>): Amounts {
  return addAmounts(...totals.map(({ currency, billed_before }) => ({ [currency]: billed_before ?? '0.00' })))
}

/** Money that billing rules do not pass on, per currency. */
export function droppedAmounts({ totals }: Pick<ReceiptSummary, 'totals'>): Amounts {
  const sum = addAmounts(...totals.map(({ currency, dropped }) => ({ [currency]: dropped ?? '0.00' })))
  return Object.fromEntries(Object.entries(sum).filter(([, amount]) => signOf(amount) !== 0))
}

/** What bills something else than is charged, without what rules drop: that is meant. */
export function unmeantDifferences({ differences }: Pick<Receipt, 'differences'>): Difference[] {
  return (differences ?? []).filter(({ kind }) => kind !== 'dropped')
}

/** Money that AppXite charges, that is on no agreement and that nobody has billed by hand, per currency. */
export function unsentAmounts(receipt: Pick<ReceiptSummary, 'totals'>): Amounts {
  const left = receipt.totals.map(({ currency, unsent_total }) => ({ [currency]: unsent_total }))
  const sum = addAmounts(...left, negateAmounts(billedBeforeAmounts(receipt)))
  return Object.fromEntries(Object.entries(sum).filter(([, amount]) => signOf(amount) !== 0))
}

/** Whether anything is left that somebody should know of, money or credit. */
export function isPartSent(receipt: Pick<ReceiptSummary, 'totals' | 'unsent_count'>): boolean {
  return receipt.unsent_count > 0 || Object.keys(unsentAmounts(receipt)).length > 0
}

const VERDICTS = {
  missed: { label: 'Not accounted for', tone: 'failed', meaning: STATEMENTS.accounted_for.no },
  lost: { label: 'Not all arrived', tone: 'failed', meaning: STATEMENTS.arrived.no },
  differs: { label: 'Will not bill as charged', tone: 'failed', meaning: STATEMENTS.bills_as_charged.no },
  nothing: { label: 'Nothing examined', tone: 'quiet', meaning: 'A receipt of no line proves nothing.' },
  part: {
    label: 'Part not sent',
    tone: 'held',
    meaning: 'What was sent bills as charged. The rest is listed, and not billed yet.',
  },
  older: {
    label: 'Accounted for',
    tone: 'quiet',
    meaning: 'Made before Tieout compared additions with what will be billed.',
  },
  whole: {
    label: 'Bills as charged',
    tone: 'ready',
    meaning: 'Everything was sent, arrived, and bills as charged.',
  },
} satisfies Record<string, Word>

/** The one verdict that a list shows: whatever is wrong comes before whatever is right. */
export function verdictOf(receipt: ReceiptSummary | Receipt): Word {
  if (!(receipt.accounted_for ?? receipt.ties_out)) return VERDICTS.missed
  if (receipt.arrived === false) return VERDICTS.lost
  if (receipt.bills_as_charged === false) return VERDICTS.differs
  if (receipt.examined === 0) return VERDICTS.nothing
  if (isPartSent(receipt)) return VERDICTS.part
  return isOlder(receipt) ? VERDICTS.older : VERDICTS.whole
}

/** Made before receipts said what will be billed. */
export function isOlder({ bills_as_charged }: ReceiptSummary): boolean {
  return bills_as_charged === null || bills_as_charged === undefined
}

export const DIFFERENCE_KINDS: Record<Difference['kind'], string> = {
  no_charge: 'Nothing is charged',
  not_charged_yet: 'Not charged yet',
  more: 'Bills more',
  less: 'Bills less',
  not_forecast: 'Not foreseeable',
  written_off: 'Written off',
  already_invoiced: 'Already invoiced',
  dropped: 'Dropped by rule',
}

/** The direction of a difference, because a sign is easily misread. */
export function directionOf(amount: string): 'too much' | 'too little' | '' {
  const sign = signOf(amount)
  return sign > 0 ? 'too much' : sign < 0 ? 'too little' : ''
}

/** Too much and too little apart: they must never cancel each other out. */
export function byDirection(differences: Difference[]): { over: Amounts; under: Amounts } {
  const sum = (sign: 1 | -1) =>
    addAmounts(
      ...differences
        .filter(({ amount }) => signOf(amount) === sign)
        .map(({ currency, amount }) => ({ [currency]: amount })),
    )
  return { over: sum(1), under: sum(-1) }
}

/** Statuses that only receipts know. */
export const QUARANTINED: Word = {
  label: 'Kept out',
  tone: 'failed',
  meaning: 'The whole invoice was kept out, because its rows do not add up to its total.',
}
