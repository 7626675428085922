/** One way to compute a date, with its shift. */

import { Group, NumberInput, Select, Stack } from '@mantine/core'
import type { DateRule, DateRuleKind } from '@/api/billing-rules'
import { useT } from '@/i18n'

export const DATE_RULE_KINDS: Record<DateRuleKind, string> = {
  as_invoiced: 'As invoiced',
  first_day_of_month: 'First day of the invoice month',
  last_day_of_month: 'Last day of the invoice month',
  first_day_of_next_month: 'First day of the next month',
  billing_cycle_day: 'Billing-cycle day of the contract',
  next_invoice_date: 'Next invoice date of the agreement',
  fixed_day: 'A fixed day of the month',
  open_ended: 'Open-ended',
}

interface Props {
  label: string
  description?: string
  value: DateRule | null
  onChange(value: DateRule | null): void
  /** What no rule means here. */
  noRule: string
  mayBeOpen?: boolean
  /** In a table the label is for screen readers only. */
  isCompact?: boolean
}

export function DateRuleField({ label, description, value, onChange, noRule, mayBeOpen, isCompact }: Props) {
  const t = useT()
  const kinds = Object.entries(DATE_RULE_KINDS).filter(([kind]) => mayBeOpen || kind !== 'open_ended')
  const choose = (kind: string | null) => {
    if (!kind) onChange(null)
    else {
      const day = kind === 'fixed_day' ? (value?.day ?? 1) : null
      onChange({ kind: kind as DateRuleKind, day, offset_months: 0, offset_days: 0 })
    }
  }
  const number = (name: 'day' | 'offset_months' | 'offset_days', min: number, max: number, words: string) => (
    <NumberInput
      size="xs"
      w={isCompact ? 76 : 130}
      aria-label={`${label}: ${words}`}
      label={isCompact ? undefined : words}
      allowDecimal={false}
      min={min}
      max={max}
      value={value?.[name] ?? 0}
      onChange={(next) => value && typeof next === 'number' && onChange({ ...value, [name]: next })}
    />
  )
  return (
    <Stack gap={6}>
      <Select
        label={isCompact ? undefined : label}
        aria-label={label}
        description={description}
        placeholder={noRule}
        data={kinds.map(([kind, words]) => ({ value: kind, label: t(words) }))}
        value={value?.kind ?? null}
        onChange={choose}
        clearable
        size={isCompact ? 'xs' : 'sm'}
        comboboxProps={{ width: 260, position: 'bottom-start' }}
      />
      {value && value.kind !== 'open_ended' && (!isCompact || value.kind === 'fixed_day') && (
        <Group gap={8}>
          {value.kind === 'fixed_day' && number('day', 1, 31, t('Day'))}
          {!isCompact && number('offset_months', -24, 24, t('Months later'))}
          {!isCompact && number('offset_days', -366, 366, t('Days later'))}
        </Group>
      )}
    </Stack>
  )
}
