/** The one button that writes to ConnectWise; its text says how much. */

import { Button, Group, Stack } from '@mantine/core'
import { useState } from 'react'
import { useApplyPlan, type Plan } from '@/api/plans'
import { formatAmounts } from '@/format'
import { useT } from '@/i18n'
import { Dialog } from '@/ui/Dialog'
import { ErrorState } from '@/ui/states'
import classes from './plans.module.css'
import { writesOf } from './PlanSummary'

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
  if (writesOf(plan) === 0) return null
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
  const { create, update, cancel, adopt } = plan.summary
  const push = () => apply.mutate(plan.id, { onSuccess: (run) => onStarted(run.id) })
  return (
    <Dialog onClose={onClose} title={`${words}?`}>
      <Stack gap="md">
        <p className={classes.lead}>
          {t(
            '{create} created, {update} updated, {cancel} cancelled, {adopt} adopted. Every one is read back, and the receipt shows whether {amounts} arrived.',
            { create, update, cancel, adopt, amounts: formatAmounts(plan.amounts) },
          )}
        </p>
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
