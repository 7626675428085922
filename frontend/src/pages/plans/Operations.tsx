/**
 * What a plan writes, by customer and agreement. Unchanged ones are shown only on demand; undecided ones stand
 * above, as questions.
 */

import { Button, SegmentedControl } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { CircleCheck } from 'lucide-react'
import { useMemo, useState } from 'react'
import { operationsQuery, type Operation, type OperationKind, type Plan } from '@/api/plans'
import { formatCount } from '@/format'
import { useT } from '@/i18n'
import { EmptyState, ErrorState, LoadingRows } from '@/ui/states'
import { OPERATION_KINDS, OPERATION_ORDER } from '@/words/plans'
import { OperationGroup, warningsOf, type Group } from './OperationGroup'
import classes from './plans.module.css'

/** By customer and agreement, in the order the server sent them. */
export function groupOperations(operations: Operation[]): Group[] {
  const groups = new Map<string, Group>()
  for (const operation of operations) {
    const { organization, company, agreement, agreement_id } = operation
    const key = `${organization}/${agreement_id}`
    const group = groups.get(key) ?? { key, organization, company, agreement, operations: [] }
    group.operations.push(operation)
    groups.set(key, group)
  }
  // What carries a warning comes first: an update may write over what somebody changed in ConnectWise.
  return [...groups.values()].sort((a, b) => Number(warningsOf(b) > 0) - Number(warningsOf(a) > 0))
}

/** Every kind but the undecided, which are asked about apart. */
const WRITTEN = OPERATION_ORDER.filter((kind) => kind !== 'undecided')

/** The kind to begin with: the first that writes something, so that the page opens on what matters. */
function firstKind(plan: Plan): OperationKind {
  return WRITTEN.find((kind) => plan.summary[kind] > 0) ?? 'create'
}

export function Operations({ plan }: { plan: Plan }) {
  const t = useT()
  const [wanted, setKind] = useState<OperationKind>(() => firstKind(plan))
  // A decision that is taken back may leave nothing of the kind that was looked at.
  const kind = plan.summary[wanted] > 0 ? wanted : firstKind(plan)
  const query = useInfiniteQuery(operationsQuery(plan.id, kind))
  const operations = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data])
  const groups = useMemo(() => groupOperations(operations), [operations])
  const choices = WRITTEN.filter((name) => plan.summary[name] > 0).map((name) => ({
    value: name,
    label: `${t(OPERATION_KINDS[name].label)} ${formatCount(plan.summary[name])}`,
  }))
  if (choices.length === 0 && plan.summary.undecided > 0) return null
  if (choices.length === 0) {
    return (
      <EmptyState icon={CircleCheck} title={t('No operation')}>
        {t('No line of this month is ready to go out.')}
      </EmptyState>
    )
  }
  return (
    <section className={classes.operations} aria-label={t('Operations')} data-testid="operations">
      <div className={classes.operationsHead}>
        <SegmentedControl
          aria-label={t('Kind of operation')}
          value={kind}
          onChange={(value) => setKind(value as OperationKind)}
          data={choices}
        />
        <span className={classes.soft}>{t(OPERATION_KINDS[kind].meaning)}</span>
      </div>
      {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <LoadingRows />}
      {groups.map((group, index) => (
        <OperationGroup key={group.key} group={group} period={plan.period} isOpenAtFirst={index < 5} />
      ))}
      {query.hasNextPage && (
        <Button
          variant="default"
          onClick={() => void query.fetchNextPage()}
          loading={query.isFetchingNextPage}
        >
          {t('Show more ({shown} of {total})', {
            shown: formatCount(operations.length),
            total: formatCount(plan.summary[kind]),
          })}
        </Button>
      )}
    </section>
  )
}
