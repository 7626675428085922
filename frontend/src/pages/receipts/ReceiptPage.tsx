/** The proof of a push: AppXite = additions + unsent, per customer and currency. Made to be printed and kept. */

import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Check, Printer, TriangleAlert } from 'lucide-react'
import { receiptQuery, type Receipt } from '@/api/receipts'
import { formatCount, formatInstant, formatPeriod, timeZone } from '@/format'
import { useT } from '@/i18n'
import { Page } from '@/ui/Page'
import { ErrorState, LoadingRows } from '@/ui/states'
import { Failures } from './Failures'
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
      standing={t('{count, plural, one {# line} other {# lines}} examined · {at} {zone} · run {run}', {
        count: receipt.examined,
        at: formatInstant(receipt.created_at),
        zone: timeZone,
        run: receipt.run_id,
      })}
      actions={
        <>
          <Button component={Link} to={`/runs/${receipt.run_id}`} variant="default">
            {t('See the run')}
          </Button>
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
        <Verdict receipt={receipt} />
        <Totals receipt={receipt} />
        {receipt.failures.length > 0 && <Failures failures={receipt.failures} />}
        <Unsent receipt={receipt} />
      </div>
    </Page>
  )
}

function Verdict({ receipt }: { receipt: Receipt }) {
  const t = useT()
  const Icon = receipt.ties_out ? Check : TriangleAlert
  const off = receipt.totals.filter((total) => !total.ties_out).length
  return (
    <div
      className={classes.verdict}
      data-ties-out={receipt.ties_out}
      data-testid="receipt-ties-out"
      role="status"
    >
      <span className={classes.verdictIcon}>
        <Icon size={20} aria-hidden />
      </span>
      <div>
        <strong className={classes.verdictTitle}>
          {receipt.ties_out ? t('Ties out to the cent') : t('Does not tie out')}
        </strong>
        <p className={classes.verdictText}>
          {receipt.ties_out
            ? t(
                '{count} lines examined. Every amount AppXite invoiced is on an addition that was read back, or listed below as unsent.',
                { count: formatCount(receipt.examined) },
              )
            : t(
                '{off, plural, one {# total differs} other {# totals differ}}. Look at the marked rows and the failures, then plan again.',
                { off },
              )}
        </p>
      </div>
    </div>
  )
}
