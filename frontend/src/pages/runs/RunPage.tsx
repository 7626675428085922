/** One run: progress, outcomes, error; for a load its invoices, the quarantined ones first. */

import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { receiptQuery } from '@/api/receipts'
import { isUnderWay, useLoad, type Run } from '@/api/runs'
import { useRun } from '@/api/live'
import { formatPeriod } from '@/format'
import { useT } from '@/i18n'
import { ReceiptBadge } from '@/pages/receipts/ReceiptBadge'
import { Card, Page } from '@/ui/Page'
import { ErrorState, LoadingRows } from '@/ui/states'
import { When } from '@/ui/When'
import { examinationSentences, RUN_KINDS, runStatusWord } from '@/words/runs'
import { RunInvoices } from './RunInvoices'
import { RunProgress } from './RunProgress'
import classes from './runs.module.css'

const route = getRouteApi('/signed-in/runs/$runId')

export function RunPage() {
  const t = useT()
  const { runId } = route.useParams()
  const query = useRun(runId)
  if (query.isError && !query.data) {
    return (
      <Page title={t('Run')}>
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      </Page>
    )
  }
  if (!query.data) {
    return (
      <Page title={t('Run')}>
        <LoadingRows />
      </Page>
    )
  }
  return <RunView run={query.data} />
}

function RunView({ run }: { run: Run }) {
  const t = useT()
  const months = run.periods.map(formatPeriod).join(', ')
  return (
    <Page
      title={months ? `${t(RUN_KINDS[run.kind])}: ${months}` : t(RUN_KINDS[run.kind])}
      standing={t(runStatusWord(run).meaning)}
      actions={<RunActions run={run} />}
    >
      <dl className={classes.facts}>
        <div>
          <dt>{t('Started')}</dt>
          <dd>
            <When at={run.started_at ?? run.created_at} isExact />
          </dd>
        </div>
        <div>
          <dt>{t('By')}</dt>
          <dd>{run.requested_by}</dd>
        </div>
        <div>
          <dt>{t('Log')}</dt>
          <dd>
            <Link to="/system-logs" search={{ run_id: run.id }}>
              {t('Rows of this run')}
            </Link>
          </dd>
        </div>
        {run.receipt_id && <ReceiptFact runId={run.receipt_id} />}
      </dl>
      <Card>
        <div className={classes.pad}>
          {run.kind === 'examination' && run.status === 'succeeded' && (
            <p data-testid="examination-result">{examinationSentences(run, t).join(' ')}</p>
          )}
          <RunProgress run={run} />
        </div>
      </Card>
      {run.kind === 'load' && !isUnderWay(run) && <RunInvoices run={run} />}
    </Page>
  )
}

function ReceiptFact({ runId }: { runId: string }) {
  const t = useT()
  const { data: receipt } = useQuery(receiptQuery(runId))
  if (!receipt) return null
  return (
    <div>
      <dt>{t('Receipt')}</dt>
      <dd>
        <ReceiptBadge receipt={receipt} />
      </dd>
    </div>
  )
}

function RunActions({ run }: { run: Run }) {
  const t = useT()
  const navigate = useNavigate()
  const load = useLoad()
  const again = () =>
    load.mutate(run.periods, {
      onSuccess: ({ id }) => void navigate({ to: '/runs/$runId', params: { runId: id } }),
    })
  return (
    <>
      {run.receipt_id && (
        <Button component={Link} to={`/receipts/${run.receipt_id}`} data-testid="see-receipt">
          {t('See the receipt')}
        </Button>
      )}
      {run.plan_id && (
        <Button component={Link} to={`/plans/${run.plan_id}`} variant="default">
          {t('See the plan')}
        </Button>
      )}
      {run.kind === 'load' && !isUnderWay(run) && (
        <Button variant="default" onClick={again} loading={load.isPending} data-testid="load-again">
          {t('Load again')}
        </Button>
      )}
    </>
  )
}
