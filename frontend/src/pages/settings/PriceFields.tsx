/** What one rule says of prices; an empty field says nothing, and a more general rule decides. */

import { ActionIcon, Button, Group, Select, SimpleGrid, Stack, TextInput } from '@mantine/core'
import { Plus, X } from 'lucide-react'
import type { Pricing, PricingProps, RoundingMode } from '@/api/pricing'
import { useT } from '@/i18n'
import { COST_RULES, PRICE_SOURCES, ROUNDING_MODES } from '@/words/pricing'
import classes from './settings.module.css'

interface Props extends PricingProps {
  /** What an empty field means here. */
  nothing: string
}

export function PriceFields({ pricing, onChange, errorOf, nothing }: Props) {
  const t = useT()
  const set = (change: Partial<Pricing>) => onChange({ ...pricing, ...change })
  const options = (words: Record<string, string>) =>
    Object.entries(words).map(([value, label]) => ({ value, label: t(label) }))
  const setRounding = (mode: RoundingMode | null, to: string | null) =>
    set({ rounding: mode === null && to === null ? null : { mode: mode ?? 'half_up', to } })
  return (
    <SimpleGrid cols={{ base: 1, sm: 2, lg: 4 }} spacing="md" verticalSpacing="md">
      <Select
        label={t('Price source')}
        data={options(PRICE_SOURCES)}
        value={pricing.price_source ?? null}
        onChange={(value) => set({ price_source: value as Pricing['price_source'] })}
        placeholder={nothing}
        error={errorOf('price_source')}
        clearable
      />
      <TextInput
        label={t('Currency of the catalog')}
        description={t('ConnectWise’s catalog does not say it')}
        placeholder="EUR"
        maxLength={3}
        value={pricing.catalog_currency ?? ''}
        onChange={(event) => set({ catalog_currency: event.currentTarget.value.toUpperCase() || null })}
        error={errorOf('catalog_currency')}
      />
      <NumberText
        label={t('Markup, %')}
        description={t('Of charges and refunds alike; negative for a discount')}
        placeholder={nothing}
        value={pricing.markup_percent}
        onChange={(markup_percent) => set({ markup_percent })}
        error={errorOf('markup_percent')}
      />
      <FixedMarkup
        amounts={pricing.markup_fixed ?? {}}
        onChange={(markup_fixed) => set({ markup_fixed })}
        errorOf={(currency) => errorOf(`markup_fixed.${currency}`)}
      />
      <Select
        label={t('Round the amount of a line')}
        data={options(ROUNDING_MODES)}
        value={pricing.rounding?.mode ?? null}
        onChange={(mode) =>
          setRounding(mode as RoundingMode | null, mode ? (pricing.rounding?.to ?? null) : null)
        }
        placeholder={nothing}
        error={errorOf('rounding')}
        clearable
      />
      <NumberText
        label={t('In steps of')}
        description={t('Empty: the currency’s smallest unit')}
        placeholder="0.05"
        value={pricing.rounding?.to}
        onChange={(to) => setRounding(pricing.rounding?.mode ?? null, to)}
        error={errorOf('rounding.to')}
      />
      <NumberText
        label={t('Minimum quantity')}
        description={t('Of usage, and of the charge that drives a subscription')}
        placeholder={nothing}
        value={pricing.minimum_quantity}
        onChange={(minimum_quantity) => set({ minimum_quantity })}
        error={errorOf('minimum_quantity')}
      />
      <Select
        label={t('Unit cost in ConnectWise')}
        data={options(COST_RULES)}
        value={pricing.unit_cost ?? null}
        onChange={(value) => set({ unit_cost: value as Pricing['unit_cost'] })}
        placeholder={nothing}
        error={errorOf('unit_cost')}
        clearable
      />
    </SimpleGrid>
  )
}

interface NumberProps {
  label: string
  description: string
  placeholder: string
  value: string | null | undefined
  onChange(value: string | null): void
  error: string | undefined
}

/** A decimal as text, so that no digit is lost on its way. */
function NumberText({ value, onChange, ...shown }: NumberProps) {
  return (
    <TextInput
      {...shown}
      inputMode="decimal"
      value={value ?? ''}
      onChange={(event) => onChange(event.currentTarget.value.trim().replace(',', '.') || null)}
    />
  )
}

interface FixedProps {
  amounts: Record<string, string>
  onChange(amounts: Record<string, string>): void
  errorOf(currency: string): string | undefined
}

/** Each currency has an amount of its own; none is converted. */
function FixedMarkup({ amounts, onChange, errorOf }: FixedProps) {
  const t = useT()
  const entries = Object.entries(amounts)
  const replaceAt = (place: number, entry: [string, string]) =>
    onChange(Object.fromEntries(entries.map((each, index) => (index === place ? entry : each))))
  return (
    <Stack gap={4} role="group" aria-label={t('Markup for each unit')}>
      <span className={classes.fieldName}>{t('Markup for each unit')}</span>
      {entries.map(([currency, amount], place) => (
        <Group key={place} gap={4} wrap="nowrap" align="flex-start">
          <TextInput
            aria-label={t('Currency')}
            w={72}
            maxLength={3}
            placeholder="EUR"
            value={currency}
            onChange={(event) => replaceAt(place, [event.currentTarget.value.toUpperCase(), amount])}
          />
          <TextInput
            aria-label={t('Amount in {currency}', { currency })}
            inputMode="decimal"
            placeholder="0.50"
            value={amount}
            onChange={(event) =>
              replaceAt(place, [currency, event.currentTarget.value.trim().replace(',', '.')])
            }
            error={errorOf(currency)}
          />
          <ActionIcon
            variant="subtle"
            mt={4}
            aria-label={t('Take the markup in {currency} away', { currency })}
            onClick={() => onChange(Object.fromEntries(entries.filter((_, index) => index !== place)))}
          >
            <X size={14} aria-hidden />
          </ActionIcon>
        </Group>
      ))}
      <Button
        variant="default"
        size="xs"
        leftSection={<Plus size={13} aria-hidden />}
        disabled={'' in amounts}
        onClick={() => onChange({ ...amounts, '': '' })}
      >
        {t('Add a currency')}
      </Button>
    </Stack>
  )
}
