/** What each charge type does differently from the general rules; an empty field follows them. */

import { Checkbox, Select, TextInput } from '@mantine/core'
import type { BillingRules, ChargeType } from '@/api/billing-rules'
import { useT } from '@/i18n'
import table from '@/ui/table.module.css'
import { CHARGE_TYPE_OPTIONS } from '@/words/lines'
import { DateRuleField } from './DateRuleField'
import type { RulesProps } from './GeneralRules'

type Own = NonNullable<BillingRules['by_charge_type']>[ChargeType]

const NOTHING_SPECIAL: NonNullable<Own> = {
  display_name: null,
  charge_start: null,
  charge_end: null,
  bill_option: 'Billable',
  taxable: true,
}

const BILL_OPTIONS = [
  { value: 'Billable', label: 'Billable' },
  { value: 'DoNotBill', label: 'Do not bill' },
  { value: 'NoCharge', label: 'No charge' },
]

export function ChargeTypeRules({ rules, onChange }: RulesProps) {
  const t = useT()
  const set = (type: ChargeType, change: Partial<NonNullable<Own>>) => {
    const own = { ...NOTHING_SPECIAL, ...rules.by_charge_type?.[type], ...change }
    onChange({ ...rules, by_charge_type: { ...rules.by_charge_type, [type]: own } })
  }
  return (
    <div className={table.wrap}>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">{t('Charge type')}</th>
            <th scope="col">{t('Name on the invoice')}</th>
            <th scope="col">{t('Charge start')}</th>
            <th scope="col">{t('Charge end')}</th>
            <th scope="col">{t('Bill customer')}</th>
            <th scope="col">{t('Taxable')}</th>
          </tr>
        </thead>
        <tbody>
          {CHARGE_TYPE_OPTIONS.map(({ value, label }) => {
            const type = value as ChargeType
            const own = { ...NOTHING_SPECIAL, ...rules.by_charge_type?.[type] }
            const named = (what: string) => `${label}: ${what}`
            return (
              <tr key={type}>
                <td className={table.name}>{label}</td>
                <td>
                  <TextInput
                    size="xs"
                    aria-label={named(t('name on the invoice'))}
                    placeholder={label}
                    value={own.display_name ?? ''}
                    onChange={(event) => set(type, { display_name: event.currentTarget.value || null })}
                  />
                </td>
                <td>
                  <DateRuleField
                    isCompact
                    label={named(t('charge start'))}
                    value={own.charge_start ?? null}
                    onChange={(charge_start) => set(type, { charge_start })}
                    noRule={t('As above')}
                  />
                </td>
                <td>
                  <DateRuleField
                    isCompact
                    mayBeOpen
                    label={named(t('charge end'))}
                    value={own.charge_end ?? null}
                    onChange={(charge_end) => set(type, { charge_end })}
                    noRule={t('As above')}
                  />
                </td>
                <td>
                  <Select
                    size="xs"
                    w={130}
                    aria-label={named(t('bill customer'))}
                    data={BILL_OPTIONS}
                    value={own.bill_option ?? 'Billable'}
                    onChange={(option) =>
                      set(type, { bill_option: option as NonNullable<Own>['bill_option'] })
                    }
                    allowDeselect={false}
                  />
                </td>
                <td>
                  <Checkbox
                    aria-label={named(t('taxable'))}
                    checked={own.taxable ?? true}
                    onChange={(event) => set(type, { taxable: event.currentTarget.checked })}
                  />
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}
