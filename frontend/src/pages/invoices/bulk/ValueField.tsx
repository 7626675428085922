/** The value of a field, by the editor that the server names. One that this page does not know yet is plain text. */

import { SegmentedControl, Select, TextInput } from '@mantine/core'
import { useEffect, type ReactNode } from 'react'
import type { EditableField } from '@/api/bulk-edits'
import { useT } from '@/i18n'
import { BILL_OPTIONS } from '../fields'
import { AgreementField } from './AgreementField'
import { ProductField } from './ProductField'

interface Props {
  field: EditableField
  value: string
  onChange(value: string): void
}

const EDITORS: Partial<Record<string, (props: Props) => ReactNode>> = {
  date: (props) => <TextValue {...props} type="date" />,
  switch: (props) => <SwitchValue {...props} />,
  bill_option: (props) => <OptionValue {...props} />,
  product: ({ field, value, onChange }) => <ProductField label={field.label} {...{ value, onChange }} />,
  agreement: ({ value, onChange }) => <AgreementField {...{ value, onChange }} />,
}

export function ValueField(props: Props) {
  const edit = EDITORS[props.field.editor]
  return edit ? edit(props) : <TextValue {...props} type="text" />
}

function TextValue({ field, value, onChange, type }: Props & { type: 'text' | 'date' }) {
  return (
    <TextInput
      type={type}
      label={field.label}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      data-testid="bulk-value"
    />
  )
}

function OptionValue({ field, value, onChange }: Props) {
  const t = useT()
  return (
    <Select
      label={field.label}
      placeholder={t('Choose')}
      data={Object.entries(BILL_OPTIONS).map(([option, label]) => ({ value: option, label: t(label) }))}
      value={value || null}
      onChange={(option) => onChange(option ?? '')}
      data-testid="bulk-value"
    />
  )
}

function SwitchValue({ field, value, onChange }: Props) {
  const t = useT()
  const words = field.field === 'excluded' ? [t('Exclude'), t('Include')] : [t('Yes'), t('No')]
  useEffect(() => {
    if (value === '') onChange('true')
  }, [value, onChange])
  return (
    <SegmentedControl
      aria-label={field.label}
      value={value || 'true'}
      onChange={onChange}
      data={['true', 'false'].map((each, index) => ({ value: each, label: words[index] ?? each }))}
    />
  )
}
