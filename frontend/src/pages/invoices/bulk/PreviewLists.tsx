/** The lines behind a preview: changed ones as samples, customers, and what is left out with the reason. */

import { Button, Tabs } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import {
  editableFieldsQuery,
  skippedLinesQuery,
  type BulkEdit,
  type BulkPreview,
  type SkipReason,
  type SkippedLine,
} from '@/api/bulk-edits'
import { formatAmounts, formatCount } from '@/format'
import { useT } from '@/i18n'
import { MoneyList } from '@/ui/Money'
import { ErrorState } from '@/ui/states'
import table from '@/ui/table.module.css'
import { labelOf, skipReasonLabel, valueInWords } from '@/words/bulk'
import { LINE_STATUSES } from '@/words/lines'
import classes from './bulk.module.css'

export function PreviewLists({ edit, preview }: { edit: BulkEdit; preview: BulkPreview }) {
  const t = useT()
  const skipped = preview.skipped.reduce((sum, { lines }) => sum + lines.count, 0)
  const customers = preview.by_customer ?? []
  return (
    <Tabs defaultValue={preview.changed.count ? 'lines' : 'skipped'} keepMounted={false}>
      <Tabs.List aria-label={t('What would happen')}>
        <Tabs.Tab value="lines">
          {t('Lines ({count})', { count: formatCount(preview.changed.count) })}
        </Tabs.Tab>
        <Tabs.Tab value="customers">
          {t('Customers ({count})', { count: formatCount(preview.customers) })}
        </Tabs.Tab>
        <Tabs.Tab value="skipped" data-testid="bulk-skipped-tab">
          {t('Skipped ({count})', { count: formatCount(skipped) })}
        </Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="lines" className={classes.list} tabIndex={0}>
        <Samples preview={preview} />
      </Tabs.Panel>
      <Tabs.Panel value="customers" className={classes.list} tabIndex={0}>
        <Customers customers={customers} total={preview.customers} />
      </Tabs.Panel>
      <Tabs.Panel value="skipped" className={classes.list} tabIndex={0}>
        {preview.skipped.length === 0 && <p className={classes.hint}>{t('No line is left out.')}</p>}
        {preview.skipped.map(({ reason, lines }) => (
          <SkippedGroup
            key={reason}
            {...{ edit, reason, count: lines.count, amounts: lines.amounts }}
            first={preview.skipped_samples.filter((each) => each.reason === reason)}
          />
        ))}
      </Tabs.Panel>
    </Tabs>
  )
}

function Samples({ preview }: { preview: BulkPreview }) {
  const t = useT()
  const { data: fields = [] } = useQuery(editableFieldsQuery)
  const names = { fields, records: preview.names ?? {} }
  const rest = preview.changed.count - preview.samples.length
  if (preview.samples.length === 0) return <p className={classes.hint}>{t('No line would change.')}</p>
  return (
    <>
      <table className={table.table} data-testid="bulk-samples">
        <thead>
          <tr>
            <th scope="col">{t('Customer and subscription')}</th>
            <th scope="col">{t('Change')}</th>
            <th scope="col">{t('Status')}</th>
          </tr>
        </thead>
        <tbody>
          {preview.samples.map((line) => (
            <tr key={line.line_id}>
              <td data-stack="true">
                <span className={table.name}>{line.organization}</span>
                <span className={classes.soft}>{line.subscription}</span>
              </td>
              <td data-stack="true">
                {line.changes.map(({ field, before, after }) => (
                  <span key={field}>
                    {labelOf(field, fields)}:{' '}
                    {before !== after && (
                      <>
                        <del>{valueInWords(field, before, names, t)}</del> →{' '}
                      </>
                    )}
                    <ins>{valueInWords(field, after, names, t)}</ins>
                    {before === after && (
                      <span className={classes.soft}> {t('as now, whatever the rules say later')}</span>
                    )}
                  </span>
                ))}
              </td>
              <td className={table.nowrap}>
                {line.status_before === line.status_after
                  ? t(LINE_STATUSES[line.status_after].label)
                  : `${t(LINE_STATUSES[line.status_before].label)} → ${t(LINE_STATUSES[line.status_after].label)}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {rest > 0 && (
        <p className={classes.hint}>
          {t('And {rest, plural, one {# line} other {# lines}} more in the same way.', { rest })}
        </p>
      )}
    </>
  )
}

function Customers({
  customers,
  total,
}: {
  customers: NonNullable<BulkPreview['by_customer']>
  total: number
}) {
  const t = useT()
  const changed = customers.filter((each) => each.changed.count > 0).length
  return (
    <>
      <table className={table.table} data-testid="bulk-customers">
        <thead>
          <tr>
            <th scope="col">{t('Customer')}</th>
            <th scope="col" className={table.end}>
              {t('Lines changed')}
            </th>
            <th scope="col" className={table.end}>
              {t('Charged')}
            </th>
            <th scope="col" className={table.end}>
              {t('Skipped')}
            </th>
          </tr>
        </thead>
        <tbody>
          {customers.map((each) => (
            <tr key={each.organization_id}>
              <td className={table.name}>{each.organization}</td>
              <td className={table.end}>{formatCount(each.changed.count)}</td>
              <td className={table.end}>
                <MoneyList amounts={each.changed.amounts} isStacked />
              </td>
              <td className={`${table.end} ${table.soft}`}>{formatCount(each.skipped)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {total > changed && (
        <p className={classes.hint}>
          {t('And {rest} more customers.', { rest: formatCount(total - changed) })}
        </p>
      )}
    </>
  )
}

interface GroupProps {
  edit: BulkEdit
  reason: SkipReason
  count: number
  amounts: Record<string, string>
  first: SkippedLine[]
}

function SkippedGroup({ edit, reason, count, amounts, first }: GroupProps) {
  const t = useT()
  const [isReading, setReading] = useState(false)
  const pages = useInfiniteQuery({ ...skippedLinesQuery(edit.id, reason), enabled: isReading })
  const read = pages.data?.pages.flatMap(({ items }) => items) ?? []
  const lines = read.length > first.length ? read : first
  const more = () => (isReading ? void pages.fetchNextPage() : setReading(true))
  return (
    <section className={classes.skipped} data-testid={`bulk-skipped-${reason}`}>
      <h3>
        {t(skipReasonLabel(reason))}:{' '}
        {t('{count, plural, one {# line} other {# lines}}, {money}', {
          count,
          money: formatAmounts(amounts),
        })}
      </h3>
      <ul>
        {lines.map((line) => (
          <li key={line.line_id}>
            <span className={table.name}>{line.organization}</span> {line.subscription}
            <span className={classes.soft}>: {line.words}</span>
          </li>
        ))}
      </ul>
      {pages.error && <ErrorState error={pages.error} />}
      {lines.length < count && (!isReading || pages.hasNextPage || pages.isFetching) && (
        <Button size="compact-xs" variant="default" loading={pages.isFetching} onClick={more}>
          {t('Show more of them')}
        </Button>
      )}
    </section>
  )
}
