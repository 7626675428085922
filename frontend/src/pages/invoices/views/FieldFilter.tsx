/** What is wanted of one field: bounds of figures and days, texts, or some of its values with their counts. */

import { Button, Checkbox, Group, Select, Stack, TagsInput, TextInput } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import type { FacetValue, FilterableField } from '@/api/lines'
import { formatCount } from '@/format'
import { useT } from '@/i18n'
import { listOf, valueLabel, type More } from './members'
import classes from './views.module.css'

interface Props {
  field: FilterableField
  facet: FacetValue[]
  more: More
  /** With the filters of this field alone; none of them takes its filter back. */
  onApply(change: More): void
}

export function FieldFilter({ field, facet, more, onApply }: Props) {
  const t = useT()
  const { any, contains, empty } = field.parameters
  const own = new Set(Object.values(field.parameters))
  const first = Object.fromEntries(Object.entries(more).filter(([name]) => own.has(name)))
  const [draft, setDraft] = useState<More>(first)
  const set = (name: string, value: More[string] | undefined) => {
    const rest = Object.fromEntries(Object.entries(draft).filter(([key]) => key !== name))
    const isNone = value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
    setDraft(isNone ? rest : { ...rest, [name]: value })
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onApply(draft)
  }
  const bounds = (['min', 'max', 'from', 'to'] as const).flatMap((operator) => {
    const name = field.parameters[operator]
    return name ? [{ operator, name }] : []
  })
  const values = field.values ?? facet.map(({ value }) => value)
  return (
    <form onSubmit={submit}>
      <Stack gap={10}>
        {bounds.length > 0 && (
          <Group grow gap={8}>
            {bounds.map(({ operator, name }) => (
              <TextInput
                key={operator}
                type={operator === 'from' || operator === 'to' ? dayInput(field) : 'text'}
                inputMode={operator === 'min' || operator === 'max' ? 'decimal' : undefined}
                label={t({ min: 'At least', max: 'At most', from: 'From', to: 'To' }[operator])}
                value={String(draft[name] ?? '')}
                onChange={(event) => set(name, event.currentTarget.value.trim())}
                data-testid={`filter-${operator}`}
              />
            ))}
          </Group>
        )}
        {any && field.kind === 'flag' && (
          <Select
            label={field.label}
            data={['true', 'false'].map((value) => ({ value, label: t(valueLabel(field, value)) }))}
            value={any in draft ? String(draft[any]) : null}
            onChange={(value) => set(any, value === null ? undefined : value === 'true')}
            comboboxProps={{ withinPortal: false }}
            clearable
          />
        )}
        {any && field.kind !== 'flag' && field.kind !== 'month' && (
          <Values
            field={field}
            values={values}
            facet={facet}
            chosen={listOf(draft[any])}
            onChoose={(chosen) => set(any, chosen)}
          />
        )}
        {contains && (
          <TextInput
            label={t('Contains')}
            value={String(draft[contains] ?? '')}
            onChange={(event) => set(contains, event.currentTarget.value)}
          />
        )}
        {empty && (
          <Checkbox
            label={t('Is empty')}
            checked={draft[empty] === true}
            onChange={(event) => set(empty, event.currentTarget.checked || undefined)}
          />
        )}
        <Button type="submit" size="xs" data-testid="apply-filter">
          {t('Show these lines')}
        </Button>
      </Stack>
    </form>
  )
}

const dayInput = (field: FilterableField) => (field.kind === 'month' ? 'month' : 'date')

interface ValuesProps {
  field: FilterableField
  values: string[]
  facet: FacetValue[]
  chosen: string[]
  onChoose(chosen: string[]): void
}

/** Few values as boxes with how many lines have each; others are typed. */
function Values({ field, values, facet, chosen, onChoose }: ValuesProps) {
  const t = useT()
  if (values.length === 0) {
    return (
      <TagsInput
        label={t('Is')}
        description={t('Whole names; Enter after each')}
        value={chosen}
        onChange={onChoose}
        comboboxProps={{ withinPortal: false }}
      />
    )
  }
  const counts = new Map(facet.map(({ value, lines }) => [value, lines.count]))
  const toggle = (value: string, isChosen: boolean) =>
    onChoose(isChosen ? [...chosen, value] : chosen.filter((each) => each !== value))
  return (
    <div className={classes.values} role="group" aria-label={field.label}>
      {values.map((value) => (
        <Checkbox
          key={value}
          size="xs"
          checked={chosen.includes(value)}
          onChange={(event) => toggle(value, event.currentTarget.checked)}
          label={
            <>
              {valueLabel(field, value)}
              {field.facet && <span className={classes.count}>{formatCount(counts.get(value) ?? 0)}</span>}
            </>
          }
        />
      ))}
    </div>
  )
}
