/** What the customer's invoice says of a charge: its template, the form of days, and how real lines would read. */

import { Button, Group, Select, SimpleGrid, Stack, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useRef } from 'react'
import { descriptionQuery, type BillingRules } from '@/api/billing-rules'
import { placeholderValues } from '@/api/schema.gen'
import { useT } from '@/i18n'
import { ErrorState } from '@/ui/states'
import { chargeTypeLabel } from '@/words/lines'
import type { RulesProps } from './GeneralRules'
import classes from './settings.module.css'

export function DescriptionRules({ rules, onChange }: RulesProps) {
  const t = useT()
  const field = useRef<HTMLInputElement>(null)
  const template = rules.description_template ?? ''
  const insert = (name: string) => {
    const at = field.current?.selectionStart ?? template.length
    onChange({
      ...rules,
      description_template: `${template.slice(0, at)}{${name}}${template.slice(at)}`,
    })
    field.current?.focus()
  }
  return (
    <Stack gap="md">
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <TextInput
          ref={field}
          label={t('Description on the invoice')}
          description={t('A part without a value is left out, with the separator before it')}
          value={template}
          onChange={(event) => onChange({ ...rules, description_template: event.currentTarget.value })}
        />
        <Select
          label={t('Days are written')}
          description={t('In charge start, charge end and period')}
          data={[
            { value: 'iso', label: '2026-03-05' },
            { value: 'dots', label: '05.03.2026' },
            { value: 'day_first', label: t('05/03/2026 (day first)') },
            { value: 'month_first', label: t('03/05/2026 (month first)') },
            { value: 'words', label: '5 Mar 2026' },
          ]}
          value={rules.day_form ?? 'iso'}
          onChange={(value) => onChange({ ...rules, day_form: value as BillingRules['day_form'] })}
          allowDeselect={false}
        />
      </SimpleGrid>
      <Group gap="xs" role="group" aria-label={t('Placeholders')}>
        {placeholderValues.map((name) => (
          <Button
            key={name}
            size="compact-xs"
            variant="default"
            aria-label={t('Insert {name}', { name: name.replaceAll('_', ' ') })}
            onClick={() => insert(name)}
          >
            {`{${name}}`}
          </Button>
        ))}
      </Group>
      <Preview template={template} dayForm={rules.day_form ?? 'iso'} />
    </Stack>
  )
}

function Preview({
  template,
  dayForm,
}: {
  template: string
  dayForm: NonNullable<BillingRules['day_form']>
}) {
  const t = useT()
  const [wording] = useDebouncedValue(template, 250)
  const query = useQuery({ ...descriptionQuery(wording, dayForm), placeholderData: keepPreviousData })
  if (query.isError) return <ErrorState error={query.error} />
  const samples = query.data?.samples ?? []
  return (
    <section aria-live="polite" data-testid="description-preview">
      <p className={classes.soft}>
        {samples.length > 0
          ? t('So lines of the newest month would read:')
          : t('Load invoices to see how lines would read.')}
      </p>
      <ul className={classes.checks}>
        {samples.map((sample) => (
          <li key={sample.line_id}>
            <strong>{sample.description || t('(empty)')}</strong>{' '}
            <span className={classes.soft}>
              {sample.organization}, {chargeTypeLabel(sample.charge_type)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
