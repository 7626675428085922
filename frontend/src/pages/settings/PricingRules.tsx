/** Prices: for all lines, and for some by charge type, product and customer. The most specific exception decides. */

import { Button, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import type { BillingRules } from '@/api/billing-rules'
import { organizationsQuery } from '@/api/organizations'
import { overridesOf, type Override } from '@/api/pricing'
import { asProblem } from '@/api/problem'
import { productsQuery } from '@/api/products'
import { useT } from '@/i18n'
import { Exception, type Choice } from './PriceException'
import { PriceFields } from './PriceFields'
import classes from './settings.module.css'

interface Props {
  rules: BillingRules
  onChange(rules: BillingRules): void
  /** What the last save was refused for. */
  error: unknown
}

const asChoices = (records: { id: string; name: string }[] | undefined): Choice[] =>
  (records ?? []).map(({ id, name }) => ({ value: id, label: name }))

export function PricingRules({ rules, onChange, error }: Props) {
  const t = useT()
  const { data: organizations } = useQuery(organizationsQuery)
  const { data: products } = useQuery(productsQuery)
  const overrides = overridesOf(rules)
  const problem = error ? asProblem(error) : undefined
  const errorOf = (path: string) => problem?.fieldError(`rules.${path}`)
  const setOverrides = (changed: Override[]) => onChange({ ...rules, overrides: changed })
  return (
    <Stack gap="lg">
      <PriceFields
        pricing={rules.pricing ?? {}}
        onChange={(pricing) => onChange({ ...rules, pricing })}
        errorOf={(path) => errorOf(`pricing.${path}`)}
        nothing={t('As AppXite charges')}
      />
      <p className={classes.lead}>
        {t(
          'An exception decides each field that it fills in. Of several that fit a line, an agreement weighs more than a customer, a customer more than a product, a product more than a charge type; their order makes no difference. Lines that are sent keep their price.',
        )}
      </p>
      {overrides.map((override, place) => (
        <Exception
          key={place}
          number={place + 1}
          override={override}
          organizations={asChoices(organizations)}
          products={asChoices(products)}
          onChange={(changed) =>
            setOverrides(overrides.map((each, index) => (index === place ? changed : each)))
          }
          onRemove={() => setOverrides(overrides.filter((_, index) => index !== place))}
          errorOf={(path) => errorOf(path ? `overrides.${place}.${path}` : `overrides.${place}`)}
        />
      ))}
      <div>
        <Button
          variant="default"
          leftSection={<Plus size={14} aria-hidden />}
          onClick={() => setOverrides([...overrides, { match: {}, pricing: {} }])}
          data-testid="add-exception"
        >
          {t('Add an exception')}
        </Button>
      </div>
    </Stack>
  )
}
