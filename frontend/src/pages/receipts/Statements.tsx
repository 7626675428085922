/**
 * Three statements, each with a verdict and figures of its own. None is green while what it speaks of is unfinished:
 * money that stayed behind, or an amount that will be billed differently.
 */

import { useQuery } from '@tanstack/react-query'
import { Check, CircleMinus, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Receipt } from '@/api/receipts'
import { runQuery } from '@/api/runs'
import { formatAmount, formatAmounts, formatCount, formatMoney } from '@/format'
import { useT } from '@/i18n'
import {
  byDirection,
  isOlder,
  isPartSent,
  STATEMENTS,
  unmeantDifferences,
  unsentAmounts,
  type Statement,
} from '@/words/receipts'
import { DroppedNote } from './Dropped'
import classes from './receipts.module.css'
import { Rounding } from './Rounding'
import { sentShares } from './sums'

type Verdict = 'yes' | 'part' | 'no' | 'unknown'

export function Statements({ receipt }: { receipt: Receipt }) {
  return (
    <div className={classes.statements} data-testid="receipt-statements">
      <Arrived receipt={receipt} />
      <AccountedFor receipt={receipt} />
      <BillsAsCharged receipt={receipt} />
    </div>
  )
}

const ICONS = { yes: Check, part: CircleMinus, no: TriangleAlert, unknown: CircleMinus }

interface CardProps {
  statement: Statement
  verdict: Verdict
  /** Where the usual words do not say it all. */
  says?: string
  children: ReactNode
}

function StatementCard({ statement, verdict, says, children }: CardProps) {
  const t = useT()
  const Icon = ICONS[verdict]
  const words = STATEMENTS[statement]
  const usual = { yes: words.yes, part: words.yes, no: words.no, unknown: words.unknown }[verdict]
  return (
    <section
      className={classes.statement}
      data-verdict={verdict}
      data-testid={`statement-${statement}`}
      aria-label={t(words.title)}
    >
      <h2 className={classes.statementTitle}>{t(words.title)}</h2>
      <p className={classes.verdict}>
        <Icon size={18} aria-hidden />
        {says ?? t(usual)}
      </p>
      {children}
    </section>
  )
}

/** How many additions a push wrote; undefined where the run is not kept any more. */
function useWritten(runId: string): number | undefined {
  const { data: run } = useQuery({ ...runQuery(runId), retry: false })
  if (!run) return undefined
  const WRITTEN = ['created', 'updated', 'adopted', 'cancelled', 'closed', 'trued up']
  return WRITTEN.reduce((count, outcome) => count + (run.outcomes[outcome]?.count ?? 0), 0)
}

function Arrived({ receipt }: { receipt: Receipt }) {
  const t = useT()
  const written = useWritten(receipt.run_id)
  const { arrived, failure_count } = receipt
  const hasNone = receipt.examined === 0
  const verdict = arrived === false ? 'no' : arrived ? (hasNone ? 'unknown' : 'yes') : 'unknown'
  return (
    <StatementCard
      statement="arrived"
      verdict={verdict}
      says={arrived && hasNone ? t('No line was examined') : undefined}
    >
      <p className={classes.figure}>
        {written !== undefined && written > 0
          ? t('{written, plural, one {# addition} other {# additions}} written', { written })
          : t('{amounts} on agreements', { amounts: formatAmounts(sumOnAgreements(receipt)) })}
      </p>
      <p className={classes.note}>
        {failure_count > 0
          ? t('{failure_count, plural, one {# failure is} other {# failures are}} listed below.', {
              failure_count,
            })
          : written === 0
            ? t('Nothing had to be written: ConnectWise held everything already.')
            : arrived
              ? t('Each was read back from ConnectWise and equals what was sent.')
              : t('Older receipts kept this together with the second statement.')}
      </p>
    </StatementCard>
  )
}

function sumOnAgreements({ totals }: Receipt) {
  return Object.fromEntries(sentShares(totals).map(({ currency, sent }) => [currency, sent]))
}

function AccountedFor({ receipt }: { receipt: Receipt }) {
  const t = useT()
  const isTrue = receipt.accounted_for ?? receipt.ties_out
  const isPart = isPartSent(receipt)
  const verdict = !isTrue ? 'no' : receipt.examined === 0 ? 'unknown' : isPart ? 'part' : 'yes'
  const off = receipt.totals.filter(({ ties_out }) => !ties_out).length
  const left = unsentAmounts(receipt)
  return (
    <StatementCard
      statement="accounted_for"
      verdict={verdict}
      says={
        verdict === 'unknown'
          ? t('No line was examined')
          : verdict === 'part'
            ? t('Accounted for, but not all sent')
            : undefined
      }
    >
      {sentShares(receipt.totals).map(({ currency, sent, charged, percent }) => (
        <p key={currency} className={classes.figure}>
          {percent !== undefined && <>{t('{percent} % sent', { percent })} </>}
          <span className={classes.of}>
            {t('{sent} of {charged}', {
              sent: formatAmount(sent, currency),
              charged: formatMoney(charged, currency),
            })}
          </span>
        </p>
      ))}
      <p className={classes.note}>
        {off > 0
          ? t('{off, plural, one {# total differs} other {# totals differ}}: see the marked rows below.', {
              off,
            })
          : isPart
            ? t('{count, plural, one {# line is} other {# lines are}} not sent, {amounts}: listed below.', {
                count: receipt.unsent_count,
                amounts: formatAmounts(left),
              })
            : t('Nothing stayed behind.')}
      </p>
      <DroppedNote receipt={receipt} />
      <Rounding receipt={receipt} />
    </StatementCard>
  )
}

function BillsAsCharged({ receipt }: { receipt: Receipt }) {
  const t = useT()
  const differences = unmeantDifferences(receipt)
  const { over, under } = byDirection(differences)
  const isTrue = receipt.bills_as_charged
  const isOld = isOlder(receipt)
  const hasNone = receipt.examined === 0
  const verdict: Verdict = isOld ? 'unknown' : !isTrue ? 'no' : hasNone ? 'unknown' : 'yes'
  return (
    <StatementCard
      statement="bills_as_charged"
      verdict={verdict}
      says={!isOld && isTrue && hasNone ? t('No line was examined') : undefined}
    >
      {Object.keys(over).length > 0 && (
        <p className={classes.figure}>{t('{amounts} too much', { amounts: formatAmounts(over) })}</p>
      )}
      {Object.keys(under).length > 0 && (
        <p className={classes.figure}>
          {t('{amounts} too little', { amounts: formatAmounts(absolute(under)) })}
        </p>
      )}
      <p className={classes.note}>
        {isOld
          ? t('This receipt was made before Tieout compared additions with what will be billed.')
          : differences.length > 0
            ? t(
                '{count, plural, one {# addition bills} other {# additions bill}} something else: see below.',
                {
                  count: differences.length,
                },
              )
            : isTrue
              ? t('Every addition of yours on these agreements was compared with its charge.')
              : t('Not every amount could be explained: {count} failures below.', {
                  count: formatCount(receipt.failure_count),
                })}
      </p>
    </StatementCard>
  )
}

/** Without signs, because the word beside them says the direction. */
function absolute(amounts: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(amounts).map(([currency, amount]) => [currency, amount.replace('-', '')]),
  )
}
