/** One charge, what people made by hand beside it, and what a person may say about it. */

import { Button, Select, Tooltip } from '@mantine/core'
import { useState } from 'react'
import type { ByHandEntry, HandDecision } from '@/api/plans'
import { formatDay, formatMoney, formatQuantity, formatUnitPrice } from '@/format'
import { useT } from '@/i18n'
import { Money } from '@/ui/Money'
import { StatusBadge } from '@/ui/StatusBadge'
import table from '@/ui/table.module.css'
import { BY_HAND, HAND_CHOICES } from '@/words/plans'
import classes from './plans.module.css'

interface Props {
  entry: ByHandEntry
  mayDecide: boolean
  isPending: boolean
  onDecide(decision: HandDecision): void
}

export function ByHandRow({ entry, mayDecide, isPending, onDecide }: Props) {
  const t = useT()
  const word = entry.state ? BY_HAND[entry.state] : undefined
  return (
    <tr data-testid="by-hand-row" data-state={entry.state ?? 'untouched'}>
      <td>
        <span className={table.name}>{entry.organization || entry.agreement}</span>
        <span className={classes.second}>{entry.subscription || entry.product}</span>
      </td>
      <td className={table.end}>
        {entry.amount ? <Money amount={entry.amount} currency={entry.currency} isStrong /> : t('nothing')}
      </td>
      <td>
        {entry.additions.map((addition) => (
          <Made key={addition.addition_id} addition={addition} currency={entry.currency} />
        ))}
      </td>
      <td>
        {word && <StatusBadge tone={word.tone}>{t(word.label)}</StatusBadge>}
        <span className={classes.second}>{entry.words}</span>
        {mayDecide && entry.line_id && (
          <Choices entry={entry} lineId={entry.line_id} isPending={isPending} onDecide={onDecide} />
        )}
      </td>
    </tr>
  )
}

function Made({ addition, currency }: { addition: ByHandEntry['additions'][number]; currency: string }) {
  const t = useT()
  const { addition_id, product, quantity, unit_price, bills, since, invoice_number, reason } = addition
  const values = `${formatQuantity(quantity)} × ${formatUnitPrice(unit_price)}`
  return (
    <span className={classes.made}>
      {t('Addition {id}, {product}', { id: addition_id, product })}
      <span className={classes.second}>
        {values} · {t('bills {money}', { money: formatMoney(bills, currency) })}
        {since && ` · ${t('since {day}', { day: formatDay(since) })}`}
        {invoice_number && ` · ${t('invoice {number}', { number: invoice_number })}`}
        {reason && ` · ${reason}`}
      </span>
    </span>
  )
}

type ChoicesProps = { entry: ByHandEntry; lineId: string } & Pick<Props, 'isPending' | 'onDecide'>

function Choices({ entry, lineId, isPending, onDecide }: ChoicesProps) {
  const t = useT()
  const [addition, setAddition] = useState(entry.additions[0]?.addition_id ?? '')
  const offered = (entry.choices ?? []).filter((choice) => choice !== 'ask')
  const name = `${entry.subscription || entry.product}, ${entry.organization}`
  return (
    <div
      role="group"
      aria-label={t('What is billed by hand of {name}', { name })}
      className={classes.handChoices}
    >
      {entry.additions.length > 1 && (
        <Select
          size="xs"
          aria-label={t('Which addition')}
          data={entry.additions.map(({ addition_id }) => addition_id)}
          value={addition}
          onChange={(id) => setAddition(id ?? '')}
          allowDeselect={false}
        />
      )}
      {offered.map((choice) => (
        <Tooltip key={choice} label={t(BY_HAND[choice].meaning)}>
          <Button
            size="compact-xs"
            variant={entry.decided_by && entry.state === choice ? 'filled' : 'default'}
            aria-pressed={entry.state === choice}
            disabled={isPending}
            onClick={() =>
              onDecide({
                line_id: lineId,
                choice,
                addition_id: choice === 'bill' ? '' : addition,
                reason: '',
              })
            }
            data-testid={`hand-${choice}`}
          >
            {t(HAND_CHOICES[choice])}
          </Button>
        </Tooltip>
      ))}
    </div>
  )
}
