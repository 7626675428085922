/** Lines added up by customer, agreement, subscription or another field; a group opens as the lines in it. */

import { Table, UnstyledButton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { SearchX } from 'lucide-react'
import { lineGroupsQuery, MOST_GROUPS, type LineFilter, type LineGroup, type LineGrouping } from '@/api/lines'
import { formatCount } from '@/format'
import { useT } from '@/i18n'
import { MoneyList } from '@/ui/Money'
import { EmptyState, ErrorState, LoadingRows } from '@/ui/states'
import { chargeTypeLabel } from '@/words/lines'
import classes from './views.module.css'

interface Props {
  filter: LineFilter
  by: LineGrouping
  title: string
  onOpen(by: LineGrouping, group: LineGroup): void
}

export function Groups({ filter, by, title, onOpen }: Props) {
  const t = useT()
  const { data, error, refetch } = useQuery(lineGroupsQuery(filter, by))
  if (error && !data) return <ErrorState error={error} onRetry={() => void refetch()} />
  if (!data) return <LoadingRows rows={14} />
  if (data.items.length === 0) {
    return (
      <EmptyState icon={SearchX} title={t('No line matches')}>
        {t('Choose another status, or clear the filters.')}
      </EmptyState>
    )
  }
  return (
    <div className={classes.groups} data-testid="groups">
      <Table stickyHeader highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{title}</Table.Th>
            <Table.Th className={classes.figure}>{t('Lines')}</Table.Th>
            <Table.Th className={classes.figure}>{t('Ready')}</Table.Th>
            <Table.Th className={classes.figure}>{t('Held')}</Table.Th>
            <Table.Th className={classes.figure}>{t('Total')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {data.items.map((group) => (
            <Table.Tr key={group.key} data-testid="group-row">
              <Table.Td>
                <UnstyledButton className={classes.open} onClick={() => onOpen(by, group)}>
                  {nameOf(group, by) || t('None')}
                </UnstyledButton>
              </Table.Td>
              <Table.Td className={classes.figure}>{formatCount(group.lines.count)}</Table.Td>
              <Table.Td className={classes.figure}>{formatCount(group.ready)}</Table.Td>
              <Table.Td className={classes.figure}>{formatCount(group.held)}</Table.Td>
              <Table.Td className={classes.figure}>
                <MoneyList amounts={group.lines.amounts} isStacked />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {data.next_cursor && (
        <p className={classes.rest}>
          {t('The first {most} groups by name are shown. Filter to see the others.', { most: MOST_GROUPS })}
        </p>
      )}
    </div>
  )
}

const nameOf = (group: LineGroup, by: LineGrouping) =>
  by === 'charge_type' ? chargeTypeLabel(group.name) : group.name
