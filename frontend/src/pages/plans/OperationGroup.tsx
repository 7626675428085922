/** One agreement of one customer and what will happen on it. */

import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { ChevronRight } from 'lucide-react'
import type { Operation } from '@/api/plans'
import { addAmounts } from '@/exact'
import { useT } from '@/i18n'
import { Money, MoneyList } from '@/ui/Money'
import { StatusBadge } from '@/ui/StatusBadge'
import table from '@/ui/table.module.css'
import { OPERATION_KINDS } from '@/words/plans'
import { CarriedLines } from './CarriedLines'
import { Changes } from './Changes'
import classes from './plans.module.css'

export interface Group {
  key: string
  organization: string
  company: string
  agreement: string
  operations: Operation[]
}

export function warningsOf({ operations }: Group): number {
  return operations.reduce((count, { warnings }) => count + warnings.length, 0)
}

interface Props {
  group: Group
  period: string
  isOpenAtFirst: boolean
}

export function OperationGroup({ group, period, isOpenAtFirst }: Props) {
  const t = useT()
  const [isOpen, setOpen] = useState(isOpenAtFirst)
  const warnings = warningsOf(group)
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
        {warnings > 0 && (
          <StatusBadge tone="held" isNote>
            {t('{warnings, plural, one {# warning} other {# warnings}}', { warnings })}
          </StatusBadge>
        )}
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
              <OperationRow key={operation.id} operation={operation} period={period} />
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

function OperationRow({ operation, period }: { operation: Operation; period: string }) {
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
        {operation.kind === 'true_up' && operation.line_id && (
          <Link
            to="/invoices"
            search={{ period, search: operation.subscription || undefined, line: operation.line_id }}
            className={classes.second}
          >
            {t('See the line it corrects')}
          </Link>
        )}
        <CarriedLines operation={operation} period={period} />
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
