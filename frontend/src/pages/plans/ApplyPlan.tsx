/** The one button that writes to ConnectWise; its text says how much. */

import { Button, Group, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { questionsQuery, useApplyPlan, type Plan } from '@/api/plans'
import { mayWork, meQuery } from '@/api/session'
import { formatAmounts } from '@/format'
import { useT } from '@/i18n'
import { Dialog } from '@/ui/Dialog'
import { ErrorState } from '@/ui/states'
import classes from './plans.module.css'
import { writesOf } from './PlanSummary'
import { goesOn, sumOf } from './questions'

function usePushWords(plan: Plan): string {
  const t = useT()
  const writes = writesOf(plan)
  return plan.summary.create === writes
    ? t('Push {writes, plural, one {# addition} other {# additions}}', { writes })
    : t('Push {writes, plural, one {# change} other {# changes}}', { writes })
}

export function ApplyPlan({ plan, onStarted }: { plan: Plan; onStarted(runId: string): void }) {
  const [isAsking, setAsking] = useState(false)
  const words = usePushWords(plan)
  const { data: me } = useQuery(meQuery)
  if (writesOf(plan) === 0 || !mayWork(me)) return null
  return (
    <>
      <Button onClick={() => setAsking(true)} data-testid="apply-button">
        {words}
      </Button>
      {isAsking && (
        <Confirm plan={plan} words={words} onClose={() => setAsking(false)} onStarted={onStarted} />
      )}
    </>
  )
}

interface ConfirmProps {
  plan: Plan
  words: string
  onClose(): void
  onStarted(runId: string): void
}

function Confirm({ plan, words, onClose, onStarted }: ConfirmProps) {
  const t = useT()
  const apply = useApplyPlan()
  const { create, update, cancel, close, adopt, true_up } = plan.summary
  const parts: [number, string][] = [
    [true_up, '{count, plural, one {# true-up} other {# true-ups}}'],
    [update, '{count} updated'],
    [create, '{count} created'],
    [cancel + close, '{count} ended'],
    [adopt, '{count} adopted'],
  ]
  const written = parts.filter(([count]) => count > 0).map(([count, what]) => t(what, { count }))
  const push = () => apply.mutate(plan.id, { onSuccess: (run) => onStarted(run.id) })
  return (
    <Dialog onClose={onClose} title={`${words}?`}>
      <Stack gap="md">
        <p className={classes.lead}>
          {t(
            '{written}. Every one is read back; the receipt shows what arrived of {amounts}, and what will be billed.',
            { written: written.join(', '), amounts: formatAmounts(plan.amounts) },
          )}
        </p>
        <BillsOn plan={plan} />
        {apply.error && <ErrorState error={apply.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('Not yet')}
          </Button>
          <Button onClick={push} loading={apply.isPending} data-testid="apply-confirm" data-autofocus>
            {words}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  )
}

/** What ConnectWise will bill without a charge after this push, decided or not. */
function BillsOn({ plan }: { plan: Plan }) {
  const t = useT()
  const { data } = useQuery({ ...questionsQuery(plan.id), enabled: plan.summary.undecided > 0 })
  if (plan.summary.undecided === 0) return null
  const left = data?.filter(goesOn) ?? []
  const kept = left.filter(({ choice }) => choice === 'keep').length
  const { amounts, unknown } = sumOf(left)
  return (
    <p className={classes.billsOn} data-testid="bills-on">
      <TriangleAlert size={16} aria-hidden />
      <span>
        {t(
          '{count, plural, one {# addition goes on billing} other {# additions go on billing}} {amounts} although AppXite charges nothing: {kept} kept on purpose, {open} not decided.',
          {
            count: plan.summary.undecided,
            amounts: data ? formatAmounts(amounts) : '…',
            kept,
            open: plan.summary.undecided - kept,
          },
        )}
        {unknown > 0 &&
          ` ${t('What {unknown, plural, one {# of them bills} other {# of them bill}} is not known.', { unknown })}`}
      </span>
    </p>
  )
}
