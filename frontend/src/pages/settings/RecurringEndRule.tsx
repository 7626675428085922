/** Through which day a recurring addition bills: until its subscription ends, or through the period charged. */

import { Radio, Stack } from '@mantine/core'
import type { BillingRules } from '@/api/billing-rules'
import { useT } from '@/i18n'
import type { RulesProps } from './GeneralRules'

type RecurringEnd = BillingRules['recurring_end']

export function RecurringEndRule({ rules, onChange }: RulesProps) {
  const t = useT()
  return (
    <Radio.Group
      label={t('Recurring additions end')}
      description={t('A date that a person or a date rule sets goes first.')}
      value={rules.recurring_end ?? 'open_ended'}
      onChange={(value) => onChange({ ...rules, recurring_end: value as RecurringEnd })}
    >
      <Stack gap="xs" mt="xs">
        <Radio value="open_ended" label={t('When their subscription ends')} />
        <Radio
          value="period_charged"
          label={t('With the billing period charged')}
          description={t('Each month’s line extends them, so that nothing bills without a charge.')}
        />
      </Stack>
    </Radio.Group>
  )
}
