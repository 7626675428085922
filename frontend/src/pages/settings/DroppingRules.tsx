/** Which lines never reach the customer's invoice: of zero, and prorations in the customer's favour. */

import { Select, Stack, Switch } from '@mantine/core'
import type { BillingRules } from '@/api/billing-rules'
import { useT } from '@/i18n'
import type { RulesProps } from './GeneralRules'

type Zero = 'hold' | 'send' | 'drop'

function zeroOf({ allow_zero_price, drop_zero_lines }: BillingRules): Zero {
  if (drop_zero_lines) return 'drop'
  return allow_zero_price ? 'send' : 'hold'
}

export function DroppingRules({ rules, onChange }: RulesProps) {
  const t = useT()
  return (
    <Stack gap="lg">
      <Select
        label={t('A line that charges nothing')}
        description={t('Dropping and its end hold at once, for every line of every month that is not sent.')}
        data={[
          { value: 'hold', label: t('Hold it, and ask me') },
          { value: 'send', label: t('Send it at price zero') },
          { value: 'drop', label: t('Drop it: send nothing, ask nothing') },
        ]}
        value={zeroOf(rules)}
        onChange={(value) =>
          onChange({ ...rules, allow_zero_price: value === 'send', drop_zero_lines: value === 'drop' })
        }
        allowDeselect={false}
        maw={420}
        data-testid="zero-lines"
      />
      <Switch
        label={t('Drop prorations in the customer\u2019s favour')}
        description={t(
          'Corrections of a subscription that come to a credit on an invoice are not passed on; plans and receipts show their money. AppXite bills prorations, cancellations, discounts and refunds alike as corrections, so all of these are dropped. Credits on custom invoices, and what was sent before, stay. Holds at once for every line that is not sent.',
        )}
        checked={rules.drop_favourable_prorations ?? false}
        onChange={(event) => onChange({ ...rules, drop_favourable_prorations: event.currentTarget.checked })}
        data-testid="drop-prorations"
      />
    </Stack>
  )
}
