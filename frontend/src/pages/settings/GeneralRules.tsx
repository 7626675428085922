/** Rules for every charge type. */

import { Select, SimpleGrid } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { BillingRules } from '@/api/billing-rules'
import { agreementTypesQuery } from '@/api/reference'
import { useT } from '@/i18n'
import { DateRuleField } from './DateRuleField'

export interface RulesProps {
  rules: BillingRules
  onChange(rules: BillingRules): void
}

export function GeneralRules({ rules, onChange }: RulesProps) {
  const t = useT()
  const { data: types = [] } = useQuery(agreementTypesQuery)
  const set = (change: Partial<BillingRules>) => onChange({ ...rules, ...change })
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg" verticalSpacing="md">
      <DateRuleField
        label={t('Charge start')}
        description={t('Becomes the addition’s effective date')}
        value={rules.charge_start ?? null}
        onChange={(charge_start) => set({ charge_start })}
        noRule={t('Each charge type’s own default')}
      />
      <DateRuleField
        label={t('Charge end')}
        description={t('Becomes the addition’s cancelled date')}
        value={rules.charge_end ?? null}
        onChange={(charge_end) => set({ charge_end })}
        noRule={t('Each charge type’s own default')}
        mayBeOpen
      />
      <Select
        label={t('Preferred agreement type')}
        description={t('Decides where a company has several agreements that would do')}
        placeholder={t('None')}
        data={types.map(({ id, name }) => ({ value: id, label: name }))}
        value={rules.default_agreement_type_id ?? null}
        onChange={(default_agreement_type_id) => set({ default_agreement_type_id })}
        clearable
        searchable
      />
      <Select
        label={t('When the period of a one-time charge is already invoiced')}
        data={[
          { value: 'next_open_period', label: t('Move it into the next open period') },
          { value: 'hold', label: t('Hold the line') },
        ]}
        value={rules.late_one_time ?? 'next_open_period'}
        onChange={(value) => set({ late_one_time: value as BillingRules['late_one_time'] })}
        allowDeselect={false}
      />
      <Select
        label={t('When the period of a recurring charge is already invoiced')}
        data={[
          { value: 'hold', label: t('Hold the line') },
          { value: 'next_open_period', label: t('Bill it once, in the next open period') },
        ]}
        value={rules.late_recurring ?? 'hold'}
        onChange={(value) => set({ late_recurring: value as BillingRules['late_recurring'] })}
        allowDeselect={false}
      />
      <Select
        label={t('When a charge is longer than the billing cycle')}
        data={[
          { value: 'one_time', label: t('Bill it once') },
          { value: 'hold', label: t('Hold the line') },
        ]}
        value={rules.when_longer_than_cycle ?? 'one_time'}
        onChange={(value) => set({ when_longer_than_cycle: value as BillingRules['when_longer_than_cycle'] })}
        allowDeselect={false}
      />
      <Select
        label={t('When a charge changes after it was invoiced')}
        data={[
          { value: 'true_up', label: t('Send the difference in the next open period') },
          { value: 'hold', label: t('Hold the line') },
        ]}
        value={rules.when_changed_after_invoicing ?? 'true_up'}
        onChange={(value) =>
          set({ when_changed_after_invoicing: value as BillingRules['when_changed_after_invoicing'] })
        }
        allowDeselect={false}
      />
    </SimpleGrid>
  )
}
