/** Which gives way where no unit price of two decimals comes to the total: the decimals, or the quantity. */

import { Select } from '@mantine/core'
import type { BillingRules } from '@/api/billing-rules'
import { useT } from '@/i18n'
import type { RulesProps } from './GeneralRules'

export function QuantityRule({ rules, onChange }: RulesProps) {
  const t = useT()
  return (
    <Select
      label={t('When a total needs a unit price of more than two decimals')}
      description={t('Two decimals suit an accounting export that rounds unit prices')}
      data={[
        { value: 'keep_quantity', label: t('Keep the quantity, with as many decimals as ConnectWise keeps') },
        { value: 'two_decimals', label: t('Keep two decimals, and send quantity 1 at the total') },
      ]}
      value={rules.quantities ?? 'keep_quantity'}
      onChange={(value) => onChange({ ...rules, quantities: value as BillingRules['quantities'] })}
      allowDeselect={false}
      data-testid="quantities"
    />
  )
}
