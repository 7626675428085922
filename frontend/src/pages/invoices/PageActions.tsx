/** Month, Load, Plan: what a person does on this page, left to right in the order of the month. */

import { Button, Select, Tooltip } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { CloudDownload, GitCompareArrows } from 'lucide-react'
import type { MonthTotals } from '@/api/lines'
import type { Period } from '@/api/periods'
import { isWholeMonth, plansQuery, useMakePlan, wholeMonth } from '@/api/plans'
import { formatPeriod } from '@/format'
import { useT } from '@/i18n'
import { tellProblem } from '@/ui/notice'
import classes from './invoices.module.css'

interface Props {
  periods: Period[]
  period: string
  totals: MonthTotals | undefined
  onPeriod(period: string): void
  onLoad(): void
}

export function PageActions({ periods, period, totals, onPeriod, onLoad }: Props) {
  const t = useT()
  const options = [...periods]
    .sort((a, b) => b.period.localeCompare(a.period))
    .map((item) => ({
      value: item.period,
      label: item.loaded_at
        ? formatPeriod(item.period)
        : t('{month}, not loaded', { month: formatPeriod(item.period) }),
    }))
  return (
    <>
      <OpenPlan period={period} />
      <Select
        className={classes.period}
        aria-label={t('Month')}
        data={options}
        value={period}
        onChange={(value) => value && onPeriod(value)}
        allowDeselect={false}
        data-testid="period-select"
      />
      <Button
        variant="default"
        leftSection={<CloudDownload size={16} aria-hidden />}
        onClick={onLoad}
        data-testid="load-button"
      >
        {t('Load invoices')}
      </Button>
      <PlanButton period={period} totals={totals} />
    </>
  )
}

/** The newest plan of the whole month, while it can still be read or applied. */
function OpenPlan({ period }: { period: string }) {
  const t = useT()
  const { data: plans } = useQuery({ ...plansQuery(period), enabled: period !== '' })
  const plan = plans?.find(({ scope }) => isWholeMonth(scope))
  if (plan?.status !== 'ready' && plan?.status !== 'computing') return null
  return (
    <Link to="/plans/$planId" params={{ planId: plan.id }} className={classes.openPlan}>
      {plan.status === 'ready' ? t('A plan is ready') : t('A plan is being computed')}
    </Link>
  )
}

function PlanButton({ period, totals }: { period: string; totals: MonthTotals | undefined }) {
  const t = useT()
  const navigate = useNavigate()
  const makePlan = useMakePlan()
  const ready = totals?.by_status.ready?.count ?? 0
  const sent = totals?.by_status.sent?.count ?? 0
  const plan = () =>
    makePlan.mutate(wholeMonth(period), {
      onSuccess: ({ id }) => void navigate({ to: '/plans/$planId', params: { planId: id } }),
      onError: tellProblem,
    })
  return (
    <Tooltip label={t('Compares with ConnectWise as it is now. Nothing is written yet.')}>
      <Button
        leftSection={<GitCompareArrows size={16} aria-hidden />}
        onClick={plan}
        loading={makePlan.isPending}
        disabled={ready + sent === 0}
        data-testid="plan-button"
      >
        {ready ? t('Plan {count, plural, one {# line} other {# lines}}', { count: ready }) : t('Plan')}
      </Button>
    </Tooltip>
  )
}
