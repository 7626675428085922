/** One agreement of one customer and what will happen on it. */

import { useState } from 'react'
import { ChevronRight } from 'lucide-react'
import type { Operation } from '@/api/plans'
import { addAmounts } from '@/exact'
import { useT } from '@/i18n'
import { Money, MoneyList } from '@/ui/Money'
import { StatusBadge } from '@/ui/StatusBadge'
import table from '@/ui/table.module.css'
import { OPERATION_KINDS } from '@/words/plans'
import { Changes } from './Changes'
import classes from './plans.module.css'

export interface Group {
  key: string
  organization: string
  company: string
  agreement: string
  operations: Operation[]
}

export function OperationGroup({ group, isOpenAtFirst }: { group: Group; isOpenAtFirst: boolean }) {
  const t = useT()
  const [isOpen, setOpen] = useState(isOpenAtFirst)
  const total = addAmounts(...group.operations.map(({ currency, amount }) => ({ [currency]: amount })))
  return (
    <section className={classes.group}>
      <button
        type="button"
        className={classes.groupHead}
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <ChevronRight size={15} aria-hidden className={classes.chevron} data-open={isOpen} />
        <span className={classes.groupName}>{group.organization}</span>
        <span className={classes.groupAgreement}>
          {!group.agreement.startsWith(group.company) && `${group.company} · `}
          {group.agreement}
        </span>
        <span className={classes.spring} />
        <span className={classes.groupCount}>
          {t('{count, plural, one {# operation} other {# operations}}', { count: group.operations.length })}
        </span>
        <span className={classes.groupMoney}>
          <MoneyList amounts={total} isStrong />
        </span>
      </button>
      {isOpen && (
        <table className={table.table}>
          <thead className={classes.quietHead}>
            <tr>
              <th scope="col">{t('Operation')}</th>
              <th scope="col">{t('Subscription and product')}</th>
              <th scope="col">{t('Before → after')}</th>
              <th scope="col" className={table.end}>
                {t('Amount')}
              </th>
            </tr>
          </thead>
          <tbody>
            {group.operations.map((operation) => (
              <OperationRow key={operation.id} operation={operation} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}

const FATE: Partial<
  Record<Operation['status'], { label: string; tone: 'ready' | 'failed' | 'held' | 'accent' }>
> = {
  sending: { label: 'Sending', tone: 'accent' },
  done: { label: 'Done', tone: 'ready' },
  failed: { label: 'Failed', tone: 'failed' },
  unknown: { label: 'Checking', tone: 'held' },
}

function OperationRow({ operation }: { operation: Operation }) {
  const t = useT()
  const kind = OPERATION_KINDS[operation.kind]
  const fate = FATE[operation.status]
  return (
    <tr data-testid="operation-row">
      <td className={classes.kindCell}>
        <StatusBadge tone={kind.tone} meaning={t(kind.meaning)}>
          {t(kind.label)}
        </StatusBadge>
        {fate && (
          <StatusBadge tone={fate.tone} isNote>
            {t(fate.label)}
          </StatusBadge>
        )}
      </td>
      <td>
        <span className={table.name}>{operation.subscription || operation.product}</span>
        {operation.subscription && <span className={classes.second}>{operation.product}</span>}
        {operation.error && <span className={classes.errorText}>{operation.error}</span>}
        {operation.warnings.map((warning) => (
          <span key={warning} className={classes.warning}>
            {warning}
          </span>
        ))}
      </td>
      <td>
        <Changes operation={operation} />
      </td>
      <td className={table.end}>
        <Money amount={operation.amount} currency={operation.currency} />
      </td>
    </tr>
  )
}
