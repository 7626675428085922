/** What the line's addition has billed and will bill, segment by segment and period by period. */

import { useQuery } from '@tanstack/react-query'
import { ExternalLink } from 'lucide-react'
import { lifeQuery, type Life } from '@/api/additions'
import type { InvoiceLine } from '@/api/lines'
import { formatDay } from '@/format'
import { useT } from '@/i18n'
import { ErrorState, LoadingRows } from '@/ui/states'
import sheet from '../invoices.module.css'
import { AdditionRows } from './AdditionRows'
import classes from './life.module.css'

export function WhatItBills({ line }: { line: InvoiceLine }) {
  const t = useT()
  const life = useQuery(lifeQuery(line))
  return (
    <section data-testid="life">
      <h3 className={sheet.factsTitle}>{t('What it bills')}</h3>
      {life.isPending && <LoadingRows rows={3} height={30} />}
      {life.isError && <ErrorState error={life.error} onRetry={() => void life.refetch()} />}
      {life.data === null && (
        <p className={sheet.lead}>{t('Nothing yet: neither the line nor its subscription was ever sent.')}</p>
      )}
      {life.data && <Additions life={life.data} />}
    </section>
  )
}

function Additions({ life }: { life: Life }) {
  const t = useT()
  return (
    <>
      <p className={classes.where}>
        <Agreement life={life} />
        {life.next_invoice_date &&
          t('not invoiced from {day} on', { day: formatDay(life.next_invoice_date) })}
      </p>
      <table
        className={classes.life}
        aria-label={t('What each billing period billed or will bill, in {currency}', {
          currency: life.currency,
        })}
      >
        <thead>
          <tr>
            <th scope="col">{t('Billing period')}</th>
            <th scope="col">{t('Billed, {currency}', { currency: life.currency })}</th>
            <th scope="col">{t('Sent for')}</th>
            <th scope="col">{t('Difference')}</th>
          </tr>
        </thead>
        {life.additions.map((addition) => (
          <AdditionRows key={addition.addition_id} addition={addition} currency={life.currency} />
        ))}
      </table>
      <p className={classes.legend}>
        {t('Figures in italics are expected: ConnectWise has not invoiced that period yet.')}
        {life.is_shortened && ` ${t('Periods of more than two years ago are not shown.')}`}
      </p>
    </>
  )
}

function Agreement({ life }: { life: Life }) {
  const t = useT()
  if (!life.link) return <span>{life.agreement}</span>
  return (
    <a href={life.link} target="_blank" rel="noreferrer" aria-label={openWords(t, life.agreement)}>
      {life.agreement} <ExternalLink size={12} aria-hidden />
    </a>
  )
}

const openWords = (t: ReturnType<typeof useT>, agreement: string) =>
  t('Open {agreement} in ConnectWise, in a new tab', { agreement })
