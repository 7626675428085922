/** The monthly working screen: load, review, mend, plan. */

import { useQuery } from '@tanstack/react-query'
import { periodsQuery } from '@/api/periods'
import { useT } from '@/i18n'
import { Page } from '@/ui/Page'
import { ErrorState, LoadingRows } from '@/ui/states'
import { Month } from './Month'

export function InvoicesPage() {
  const t = useT()
  const periods = useQuery(periodsQuery)
  if (periods.isError) {
    return (
      <Page title={t('Invoices')}>
        <ErrorState error={periods.error} onRetry={() => void periods.refetch()} />
      </Page>
    )
  }
  if (!periods.data) {
    return (
      <Page title={t('Invoices')}>
        <LoadingRows rows={12} />
      </Page>
    )
  }
  return <Month periods={periods.data} />
}
