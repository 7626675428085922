/** The push as it goes; when it ends well, the receipt follows by itself. */

import { Button } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { isUnderWay } from '@/api/runs'
import { useRun } from '@/api/live'
import { useT } from '@/i18n'
import { RunProgress } from '@/pages/runs/RunProgress'
import { Card } from '@/ui/Page'
import classes from './plans.module.css'

interface Props {
  runId: string
  /** Started from this very page: its receipt is shown as soon as it exists. */
  isFresh: boolean
}

export function ApplyProgress({ runId, isFresh }: Props) {
  const t = useT()
  const navigate = useNavigate()
  const { data: run } = useRun(runId)
  const receiptId = run && !isUnderWay(run) ? run.receipt_id : null
  useEffect(() => {
    if (isFresh && receiptId) void navigate({ to: '/receipts/$runId', params: { runId: receiptId } })
  }, [isFresh, receiptId, navigate])
  if (run?.kind !== 'push') return null
  return (
    <Card
      title={isUnderWay(run) ? t('Pushing to ConnectWise') : t('Push')}
      aside={
        receiptId && (
          <Button component={Link} to={`/receipts/${receiptId}`} variant="default" size="xs">
            {t('See the receipt')}
          </Button>
        )
      }
    >
      <div className={classes.pad}>
        <RunProgress run={run} />
      </div>
    </Card>
  )
}
