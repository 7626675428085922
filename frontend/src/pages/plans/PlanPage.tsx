/** A plan as a difference: what ConnectWise lacks, why, and what stays behind. Applying it is one button. */

import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { isWholeMonth, planQuery, type Plan } from '@/api/plans'
import { formatAmounts, formatPeriod } from '@/format'
import { useT } from '@/i18n'
import { Page } from '@/ui/Page'
import { ErrorState, LoadingRows } from '@/ui/states'
import { ApplyPlan } from './ApplyPlan'
import { ApplyProgress } from './ApplyProgress'
import { Operations } from './Operations'
import { PlanSummary, writesOf } from './PlanSummary'
import { NarrowScope } from './NarrowScope'
import { Questions } from './Questions'
import { PlanTrouble } from './PlanTrouble'
import classes from './plans.module.css'
import { ByHand } from './ByHand'
import { Computing } from './Computing'

const route = getRouteApi('/signed-in/plans/$planId')

export function PlanPage() {
  const t = useT()
  const { planId } = route.useParams()
  const plan = useQuery(planQuery(planId))
  const [startedRun, setStartedRun] = useState<string>()
  if (plan.isError && !plan.data) {
    return (
      <Page title={t('Plan')}>
        <ErrorState error={plan.error} onRetry={() => void plan.refetch()} />
      </Page>
    )
  }
  if (!plan.data) {
    return (
      <Page title={t('Plan')}>
        <LoadingRows />
      </Page>
    )
  }
  return <PlanView plan={plan.data} startedRun={startedRun} onStarted={setStartedRun} />
}

interface ViewProps {
  plan: Plan
  startedRun: string | undefined
  onStarted(runId: string): void
}

function PlanView({ plan, startedRun, onStarted }: ViewProps) {
  const t = useT()
  const month = formatPeriod(plan.period)
  const title = isWholeMonth(plan.scope)
    ? t('Plan for {month}', { month })
    : t('Plan for a part of {month}', { month })
  const runId = startedRun ?? plan.run_id ?? undefined
  return (
    <Page
      title={title}
      standing={<PlanStanding plan={plan} />}
      actions={plan.status === 'ready' && !startedRun && <ApplyPlan plan={plan} onStarted={onStarted} />}
    >
      {runId && <ApplyProgress runId={runId} isFresh={startedRun !== undefined} />}
      <NarrowScope scope={plan.scope}>
        {(named) =>
          t('This plan is about {named} only. Everything else of the month is left as it is.', { named })
        }
      </NarrowScope>
      <PlanTrouble plan={plan} />
      {plan.invoices_unread && (
        <p className={classes.unread} role="note" data-testid="invoices-unread">
          {plan.invoices_unread}
        </p>
      )}
      {plan.status === 'computing' ? (
        <Computing />
      ) : (
        plan.status !== 'failed' && (
          <>
            <Questions plan={plan} />
            <ByHand plan={plan} />
            <PlanSummary plan={plan} />
            <Operations plan={plan} />
          </>
        )
      )}
    </Page>
  )
}

function PlanStanding({ plan }: { plan: Plan }) {
  const t = useT()
  const writes = writesOf(plan)
  const { undecided } = plan.summary
  const asked =
    undecided > 0 &&
    `${t('{undecided, plural, one {# addition goes} other {# additions go}} on billing without a charge unless you end {undecided, plural, one {it} other {them}}.', { undecided })} `
  switch (plan.status) {
    case 'computing':
      return <>{t('Reading agreements from ConnectWise and comparing. Nothing is written.')}</>
    case 'failed':
      return <>{t('This plan could not be computed.')}</>
    case 'stale':
      return <>{t('Something changed since this plan was computed, so it can no longer be applied.')}</>
    case 'applied':
      return <>{t('This plan was applied. Its receipt shows what arrived and what will be billed.')}</>
    default:
      return writes ? (
        <>
          {asked}
          <strong>
            {t('{writes, plural, one {# change} other {# changes}} to ConnectWise', { writes })}
          </strong>
          {', '}
          {t('{amounts} on its agreements afterwards.', { amounts: formatAmounts(plan.amounts) })}{' '}
          {plan.unsent.count > 0 &&
            t('{count, plural, one {# line stays} other {# lines stay}} behind ({amounts}).', {
              count: plan.unsent.count,
              amounts: formatAmounts(plan.unsent.amounts),
            })}
        </>
      ) : (
        <>
          {asked}
          {plan.summary.undecided > 0
            ? t('There is nothing else to push.')
            : t('ConnectWise already holds exactly what it should. There is nothing to push.')}
        </>
      )
  }
}
