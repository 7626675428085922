/** What a bulk edit would do, in one sentence and two small tables: what is billed, and the states of lines. */

import type { BulkPreview } from '@/api/bulk-edits'
import type { Tally } from '@/api/lines'
import { add, negate } from '@/exact'
import { formatAmount, formatAmounts, formatCount } from '@/format'
import { useT } from '@/i18n'
import { MoneyList } from '@/ui/Money'
import { StatusBadge } from '@/ui/StatusBadge'
import table from '@/ui/table.module.css'
import { holdReasonLabel, LINE_STATUSES, STATUS_ORDER } from '@/words/lines'
import classes from './bulk.module.css'

export function PreviewSummary({ preview }: { preview: BulkPreview }) {
  const t = useT()
  const { changed, customers, matched, already_sent: sent } = preview
  const kept = matched - changed.count
  return (
    <>
      <p className={classes.lead} data-testid="bulk-summary">
        <strong>
          {t(
            '{count, plural, one {# line} other {# lines}} of {customers, plural, one {# customer} other {# customers}} would change: {money}.',
            { count: changed.count, customers, money: formatAmounts(changed.amounts) },
          )}
        </strong>{' '}
        {kept > 0 &&
          t(
            '{kept, plural, one {# line stays as it is} other {# lines stay as they are}}; see why under Skipped.',
            {
              kept,
            },
          )}
      </p>
      {sent.count > 0 && (
        <p className={classes.note} data-testid="bulk-already-sent">
          {t(
            '{count, plural, one {# of them is} other {# of them are}} sent already ({money}). The next plan updates what ConnectWise holds; until then it stays there as it is.',
            { count: sent.count, money: formatAmounts(sent.amounts) },
          )}
        </p>
      )}
      <Holds holds={preview.holds_after ?? {}} />
      <div className={classes.tables}>
        <BillingTable before={preview.will_bill_before} after={preview.will_bill_after} />
        <StatusTable before={preview.before} after={preview.after} />
      </div>
    </>
  )
}

function Holds({ holds }: { holds: NonNullable<BulkPreview['holds_after']> }) {
  const t = useT()
  const reasons = Object.entries(holds).sort(([, a], [, b]) => b.count - a.count)
  if (reasons.length === 0) return null
  return (
    <p className={classes.note} data-testid="bulk-holds">
      {t('Held afterwards: {reasons}.', {
        reasons: reasons
          .map(([reason, { count }]) => `${holdReasonLabel(reason)} (${formatCount(count)})`)
          .join(', '),
      })}
    </p>
  )
}

function BillingTable({ before, after }: { before: Record<string, string>; after: Record<string, string> }) {
  const t = useT()
  const currencies = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  return (
    <section className={classes.figures} aria-label={t('Expected billing')}>
      <h3>{t('ConnectWise is expected to bill for them')}</h3>
      <table className={table.table} data-testid="bulk-billing">
        <thead>
          <tr>
            <th scope="col">{t('Currency')}</th>
            <th scope="col" className={table.end}>
              {t('Now')}
            </th>
            <th scope="col" className={table.end}>
              {t('Afterwards')}
            </th>
            <th scope="col" className={table.end}>
              {t('Difference')}
            </th>
          </tr>
        </thead>
        <tbody>
          {currencies.map((currency) => {
            const [was, is] = [before[currency] ?? '0', after[currency] ?? '0']
            return (
              <tr key={currency}>
                <th scope="row">{currency}</th>
                {[was, is, add(is, negate(was))].map((amount, index) => (
                  <td key={index} className={table.end}>
                    {formatAmount(amount, currency)}
                  </td>
                ))}
              </tr>
            )
          })}
          {currencies.length === 0 && (
            <tr>
              <td colSpan={4} className={table.soft}>
                {t('Nothing, neither now nor afterwards.')}
              </td>
            </tr>
          )}
        </tbody>
      </table>
    </section>
  )
}

type ByStatus = Partial<Record<string, Tally>>

function StatusTable({ before, after }: { before: ByStatus; after: ByStatus }) {
  const t = useT()
  const statuses = STATUS_ORDER.filter((status) => before[status] ?? after[status])
  return (
    <section className={classes.figures} aria-label={t('Their status')}>
      <h3>{t('Their status')}</h3>
      <table className={table.table} data-testid="bulk-statuses">
        <thead>
          <tr>
            <th scope="col">{t('Status')}</th>
            <th scope="col" className={table.end}>
              {t('Now')}
            </th>
            <th scope="col" className={table.end}>
              {t('Afterwards')}
            </th>
          </tr>
        </thead>
        <tbody>
          {statuses.map((status) => (
            <tr key={status}>
              <th scope="row">
                <StatusBadge tone={LINE_STATUSES[status].tone}>{t(LINE_STATUSES[status].label)}</StatusBadge>
              </th>
              <TallyCell tally={before[status]} />
              <TallyCell tally={after[status]} />
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function TallyCell({ tally }: { tally: Tally | undefined }) {
  if (!tally?.count) return <td className={`${table.end} ${table.soft}`}>–</td>
  return (
    <td className={table.end}>
      {formatCount(tally.count)}{' '}
      <span className={classes.tallyMoney}>
        <MoneyList amounts={tally.amounts} isStacked />
      </span>
    </td>
  )
}
