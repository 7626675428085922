/** One exception to the price rules: the lines that it is about, and what it decides for them. */

import { ActionIcon, Group, Select } from '@mantine/core'
import { Trash2 } from 'lucide-react'
import type { LineMatch, Override } from '@/api/pricing'
import { useT } from '@/i18n'
import { CHARGE_TYPE_OPTIONS } from '@/words/lines'
import { PriceFields } from './PriceFields'
import classes from './settings.module.css'

export interface Choice {
  value: string
  label: string
}

interface Props {
  number: number
  override: Override
  organizations: Choice[]
  products: Choice[]
  onChange(override: Override): void
  onRemove(): void
  errorOf(path: string): string | undefined
}

/** So many names at once; whoever needs another types a letter. */
const SHOWN = 50

export function Exception({ number, override, organizations, products, onChange, onRemove, errorOf }: Props) {
  const t = useT()
  const { match, pricing } = override
  const set = (change: Partial<LineMatch>) => onChange({ ...override, match: { ...match, ...change } })
  const whole = errorOf('') ?? errorOf('match')
  return (
    <fieldset className={classes.exception} data-testid="price-exception">
      <legend>{t('Exception {number}', { number })}</legend>
      <Group gap="md" align="flex-start" mb="md">
        <Select
          label={t('Charge type')}
          placeholder={t('All')}
          data={CHARGE_TYPE_OPTIONS}
          value={match.charge_type ?? null}
          onChange={(value) => set({ charge_type: value as LineMatch['charge_type'] })}
          error={errorOf('match.charge_type')}
          clearable
        />
        <Select
          label={t('Product')}
          placeholder={t('All')}
          data={products}
          limit={SHOWN}
          value={match.offer_id ?? null}
          onChange={(offer_id) => set({ offer_id })}
          error={errorOf('match.offer_id')}
          searchable
          clearable
        />
        <Select
          label={t('Customer')}
          placeholder={t('All')}
          data={organizations}
          limit={SHOWN}
          value={match.organization_id ?? null}
          onChange={(organization_id) => set({ organization_id })}
          error={errorOf('match.organization_id')}
          searchable
          clearable
        />
        {match.agreement_id && (
          <span className={classes.soft}>{t('Agreement {id}', { id: match.agreement_id })}</span>
        )}
        <ActionIcon
          variant="subtle"
          color="red"
          mt={26}
          aria-label={t('Take exception {number} away', { number })}
          onClick={onRemove}
        >
          <Trash2 size={16} aria-hidden />
        </ActionIcon>
      </Group>
      {whole && (
        <p role="alert" className={classes.fieldError}>
          {whole}
        </p>
      )}
      <PriceFields
        pricing={pricing}
        onChange={(changed) => onChange({ ...override, pricing: changed })}
        errorOf={(path) => errorOf(`pricing.${path}`)}
        nothing={t('As the other rules say')}
      />
    </fieldset>
  )
}
