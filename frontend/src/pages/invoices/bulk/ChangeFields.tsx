/** One change: what is to happen, and the few things to say about it. */

import { ActionIcon, MultiSelect, NumberInput, Select, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { X } from 'lucide-react'
import { useCallback } from 'react'
import type { EditableField } from '@/api/bulk-edits'
import { agreementTypesQuery } from '@/api/reference'
import { useT } from '@/i18n'
import { labelOf } from '@/words/bulk'
import classes from './bulk.module.css'
import { choicesOf, DATES, fieldOf, type Choice, type Draft } from './drafts'
import { ValueField } from './ValueField'

interface Props {
  draft: Draft
  fields: EditableField[]
  onDraft(draft: Draft): void
  onRemove?(): void
  isFirst: boolean
}

export function ChangeFields({ draft, fields, onDraft, onRemove, isFirst }: Props) {
  const t = useT()
  return (
    <div className={classes.change} role="group" aria-label={t('Change')} data-testid="bulk-change">
      <Select
        className={classes.choice}
        label={t('What to change')}
        placeholder={t('Choose')}
        data={choicesOf(fields, t)}
        value={draft.choice}
        onChange={(choice) => onDraft({ ...draft, choice: choice as Choice | null, value: '' })}
        allowDeselect={false}
        maxDropdownHeight={320}
        data-autofocus={isFirst || undefined}
        data-testid="bulk-choice"
      />
      <Details {...{ draft, fields, onDraft }} />
      {onRemove && (
        <ActionIcon className={classes.remove} onClick={onRemove} aria-label={t('Remove this change')}>
          <X size={16} aria-hidden />
        </ActionIcon>
      )}
    </div>
  )
}

function Details({ draft, fields, onDraft }: Pick<Props, 'draft' | 'fields' | 'onDraft'>) {
  const t = useT()
  const field = fieldOf(draft, fields)
  const setValue = useCallback((value: string) => onDraft({ ...draft, value }), [draft, onDraft])
  if (field) return <ValueField key={field.field} field={field} value={draft.value} onChange={setValue} />
  switch (draft.choice) {
    case 'agreement_of_type':
      return <TypeField typeId={draft.typeId} onChange={(typeId) => onDraft({ ...draft, typeId })} />
    case 'shift_dates':
      return <ShiftFields {...{ draft, fields, onDraft }} />
    case 'percent':
      return (
        <TextInput
          className={classes.number}
          label={t('Percent')}
          description={t('5 raises a price of 100 to 105, -5 lowers it to 95')}
          inputMode="decimal"
          value={draft.percent}
          onChange={(event) => onDraft({ ...draft, percent: event.currentTarget.value })}
          data-testid="bulk-percent"
        />
      )
    case 'next_open_period':
      return (
        <p className={classes.hint}>
          {t('Lines whose billing period is invoiced move to the next one that is not. Others stay.')}
        </p>
      )
    case 'clear':
      return (
        <MultiSelect
          label={t('Fields')}
          placeholder={draft.fields.length ? undefined : t('All that people edited')}
          data={fields.map((each) => ({ value: each.field, label: each.label }))}
          value={draft.fields}
          onChange={(chosen) => onDraft({ ...draft, fields: chosen })}
          size="sm"
        />
      )
    default:
      return null
  }
}

function TypeField({ typeId, onChange }: { typeId: string | null; onChange(typeId: string | null): void }) {
  const t = useT()
  const { data: types = [] } = useQuery(agreementTypesQuery)
  return (
    <Select
      label={t('Agreement type')}
      placeholder={t('Choose a type')}
      data={types.map(({ id, name }) => ({ value: id, label: name }))}
      value={typeId}
      onChange={onChange}
      searchable
      nothingFoundMessage={t('Nothing by that name')}
      data-testid="bulk-type"
    />
  )
}

/** Bounds of the server. */
const MOST_MONTHS = 24
const MOST_DAYS = 366

function ShiftFields({ draft, fields, onDraft }: Pick<Props, 'draft' | 'fields' | 'onDraft'>) {
  const t = useT()
  const whole = (value: number | string) => (typeof value === 'number' ? value : 0)
  return (
    <>
      <Select
        label={t('Which')}
        data={[
          { value: 'both', label: t('Both dates') },
          ...DATES.map((date) => ({ value: date, label: labelOf(date, fields) })),
        ]}
        value={draft.dates}
        onChange={(dates) => onDraft({ ...draft, dates: (dates ?? 'both') as Draft['dates'] })}
        allowDeselect={false}
      />
      <NumberInput
        className={classes.number}
        label={t('Months')}
        min={-MOST_MONTHS}
        max={MOST_MONTHS}
        allowDecimal={false}
        value={draft.months}
        onChange={(months) => onDraft({ ...draft, months: whole(months) })}
        data-testid="bulk-months"
      />
      <NumberInput
        className={classes.number}
        label={t('Days')}
        min={-MOST_DAYS}
        max={MOST_DAYS}
        allowDecimal={false}
        value={draft.days}
        onChange={(days) => onDraft({ ...draft, days: whole(days) })}
        data-testid="bulk-days"
      />
    </>
  )
}
