/** The invoices a load saw. One whose rows do not add up is kept out whole, and says by how much. */

import { SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { FileX2 } from 'lucide-react'
import { useState } from 'react'
import { runInvoicesQuery, type Run, type RunInvoice } from '@/api/runs'
import { formatCount, formatDay } from '@/format'
import { useT } from '@/i18n'
import { Money } from '@/ui/Money'
import { Card } from '@/ui/Page'
import { EmptyState, ErrorState, LoadingRows } from '@/ui/states'
import { StatusBadge } from '@/ui/StatusBadge'
import table from '@/ui/table.module.css'
import type { Tone } from '@/words/word'
import classes from './runs.module.css'

type State = RunInvoice['state']

const STATES: Record<State, { label: string; tone: Tone }> = {
  pending: { label: 'Waiting', tone: 'quiet' },
  staged: { label: 'On its way', tone: 'accent' },
  quarantined: { label: 'Quarantined', tone: 'failed' },
  not_ours: { label: 'Not ours', tone: 'quiet' },
  preview: { label: 'Preview', tone: 'preview' },
  accepted: { label: 'Accepted', tone: 'ready' },
}
const ORDER: State[] = ['quarantined', 'not_ours', 'preview', 'accepted', 'staged', 'pending']
const MOST_SHOWN = 300

export function RunInvoices({ run }: { run: Run }) {
  const t = useT()
  const query = useQuery(runInvoicesQuery(run.id))
  const [state, setState] = useState<State | 'all'>('all')
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />
  if (!query.data) return <LoadingRows />
  const sorted = [...query.data].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state))
  const shown = sorted.filter((invoice) => state === 'all' || invoice.state === state)
  const count = (name: State) => query.data.filter((invoice) => invoice.state === name).length
  const choices = [
    { value: 'all', label: `${t('All')} ${formatCount(sorted.length)}` },
    ...ORDER.filter((name) => count(name) > 0).map((name) => ({
      value: name,
      label: `${t(STATES[name].label)} ${formatCount(count(name))}`,
    })),
  ]
  return (
    <Card
      title={t('Invoices')}
      aside={
        <SegmentedControl
          size="xs"
          aria-label={t('State')}
          value={state}
          onChange={(value) => setState(value as State | 'all')}
          data={choices}
        />
      }
    >
      {shown.length === 0 ? (
        <EmptyState icon={FileX2} title={t('No invoice here')} />
      ) : (
        <InvoiceTable invoices={shown.slice(0, MOST_SHOWN)} />
      )}
      {shown.length > MOST_SHOWN && (
        <p className={classes.more}>
          {t('The first {most} of {count} are shown.', {
            most: MOST_SHOWN,
            count: formatCount(shown.length),
          })}
        </p>
      )}
    </Card>
  )
}

function InvoiceTable({ invoices }: { invoices: RunInvoice[] }) {
  const t = useT()
  return (
    <div className={table.wrap}>
      <table className={table.table} data-testid="run-invoices">
        <thead>
          <tr>
            <th scope="col">{t('Invoice')}</th>
            <th scope="col">{t('Date')}</th>
            <th scope="col">{t('Organization')}</th>
            <th scope="col">{t('State')}</th>
            <th scope="col">{t('Reason')}</th>
            <th scope="col" className={table.end}>
              {t('Rows')}
            </th>
            <th scope="col" className={table.end}>
              {t('Invoice total')}
            </th>
            <th scope="col" className={table.end}>
              {t('Sum of rows')}
            </th>
          </tr>
        </thead>
        <tbody>
          {invoices.map((invoice) => (
            <tr key={invoice.invoice_id} data-testid={`invoice-${invoice.state}`}>
              <td className={table.name}>{invoice.number}</td>
              <td>{formatDay(invoice.date)}</td>
              <td>{invoice.organization}</td>
              <td>
                <StatusBadge tone={STATES[invoice.state].tone}>{t(STATES[invoice.state].label)}</StatusBadge>
              </td>
              <td className={table.soft}>{invoice.reason || invoice.status}</td>
              <td className={table.end}>{formatCount(invoice.rows)}</td>
              <td className={table.end}>
                {invoice.checksum && <Money amount={invoice.checksum} currency={invoice.currency} />}
              </td>
              <td className={table.end}>
                {invoice.rows_total && <Money amount={invoice.rows_total} currency={invoice.currency} />}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
