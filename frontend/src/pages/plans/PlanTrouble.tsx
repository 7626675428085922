/** Why a plan cannot be applied, and the way out: a new plan. */

import { Button } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { TriangleAlert } from 'lucide-react'
import { useMakePlan, type Plan } from '@/api/plans'
import { useT } from '@/i18n'
import { ErrorState } from '@/ui/states'
import classes from './plans.module.css'

export function PlanTrouble({ plan }: { plan: Plan }) {
  const t = useT()
  const navigate = useNavigate()
  const makePlan = useMakePlan()
  if (plan.status !== 'stale' && plan.status !== 'failed') return null
  const again = () =>
    makePlan.mutate(plan.scope, {
      onSuccess: ({ id }) => void navigate({ to: '/plans/$planId', params: { planId: id } }),
    })
  return (
    <div className={classes.trouble} role="alert" data-testid="plan-trouble">
      <TriangleAlert size={18} aria-hidden />
      <div className={classes.troubleText}>
        <strong>{plan.status === 'stale' ? t('The ground has moved') : t('Computing stopped')}</strong>
        {plan.error && <span>{plan.error}</span>}
        {plan.moved.length > 0 && (
          <ul>
            {plan.moved.map((what) => (
              <li key={what}>{what}</li>
            ))}
          </ul>
        )}
        {makePlan.error && <ErrorState error={makePlan.error} />}
      </div>
      <Button onClick={again} loading={makePlan.isPending} data-testid="replan-button">
        {t('Plan again')}
      </Button>
    </div>
  )
}
