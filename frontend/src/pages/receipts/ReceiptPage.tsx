/** The proof of a push: what arrived, what is accounted for, and what will be billed. Made to be printed and kept. */

import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Printer } from 'lucide-react'
import { receiptQuery, type Receipt } from '@/api/receipts'
import { formatInstant, formatPeriod, timeZone } from '@/format'
import { useT } from '@/i18n'
import { NarrowScope } from '@/pages/plans/NarrowScope'
import { Page } from '@/ui/Page'
import { Singles } from '@/ui/Singles'
import { ErrorState, LoadingRows } from '@/ui/states'
import { Billed } from './Billed'
import { Differences } from './Differences'
import { Dropped } from './Dropped'
import { ExportMenu } from './ExportMenu'
import { Failures } from './Failures'
import { Statements } from './Statements'
import { Totals } from './Totals'
import { Unsent } from './Unsent'
import classes from './receipts.module.css'

const route = getRouteApi('/signed-in/receipts/$runId')

export function ReceiptPage() {
  const t = useT()
  const { runId } = route.useParams()
  const receipt = useQuery(receiptQuery(runId))
  if (receipt.isError) {
    return (
      <Page title={t('Receipt')}>
        <ErrorState error={receipt.error} onRetry={() => void receipt.refetch()} />
      </Page>
    )
  }
  if (!receipt.data) {
    return (
      <Page title={t('Receipt')}>
        <LoadingRows />
      </Page>
    )
  }
  return <ReceiptView receipt={receipt.data} />
}

function ReceiptView({ receipt }: { receipt: Receipt }) {
  const t = useT()
  return (
    <Page
      title={t('Receipt for {month}', { month: formatPeriod(receipt.period) })}
      standing={t('{count, plural, one {# line} other {# lines}} examined · {at} {zone}', {
        count: receipt.examined,
        at: formatInstant(receipt.created_at),
        zone: timeZone,
      })}
      actions={
        <>
          <Button component={Link} to={`/runs/${receipt.run_id}`} variant="default">
            {t('See the run')}
          </Button>
          <ExportMenu runId={receipt.run_id} />
          <Button
            variant="default"
            leftSection={<Printer size={15} aria-hidden />}
            onClick={() => window.print()}
          >
            {t('Print')}
          </Button>
        </>
      }
    >
      <div className={classes.receipt} data-testid="receipt">
        {receipt.scope && (
          <NarrowScope scope={receipt.scope}>
            {(named) =>
              t('This receipt is about {named} only. Nothing else of the month was examined.', { named })
            }
          </NarrowScope>
        )}
        <Statements receipt={receipt} />
        <Differences receipt={receipt} />
        {receipt.failures.length > 0 && <Failures failures={receipt.failures} />}
        <Totals receipt={receipt} />
        <Billed receipt={receipt} />
        <Singles singles={receipt.singles} />
        <Unsent receipt={receipt} />
        <Dropped receipt={receipt} />
        <p className={classes.printed}>{t('Run {run}', { run: receipt.run_id })}</p>
      </div>
    </Page>
  )
}
