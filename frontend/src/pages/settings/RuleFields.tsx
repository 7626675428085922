/** A JSON object as a form: switches, texts, whole numbers, nested groups; lists as one entry a line. */

import { Fieldset, NumberInput, Stack, Switch, Textarea, TextInput } from '@mantine/core'
import { fieldLabel } from '@/words'

export type Json = string | number | boolean | null | Json[] | JsonObject
export interface JsonObject {
  [key: string]: Json
}

interface FieldsProps {
  value: JsonObject
  onChange(value: JsonObject): void
}

export function RuleFields({ value, onChange }: FieldsProps) {
  return (
    <Stack gap="sm">
      {Object.entries(value).map(([name, field]) => (
        <RuleField
          key={name}
          name={name}
          value={field}
          onChange={(next) => onChange({ ...value, [name]: next })}
        />
      ))}
    </Stack>
  )
}

interface FieldProps {
  name: string
  value: Json
  onChange(value: Json): void
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function RuleField({ name, value, onChange }: FieldProps) {
  const label = fieldLabel(name)
  if (typeof value === 'boolean') {
    return (
      <Switch label={label} checked={value} onChange={(event) => onChange(event.currentTarget.checked)} />
    )
  }
  if (typeof value === 'number') {
    return (
      <NumberInput
        label={label}
        value={value}
        allowDecimal={false}
        onChange={(next) => onChange(typeof next === 'number' ? next : value)}
        maw={220}
      />
    )
  }
  if (isObject(value)) {
    return (
      <Fieldset legend={label}>
        <RuleFields value={value} onChange={onChange} />
      </Fieldset>
    )
  }
  if (Array.isArray(value)) return <ListField label={label} value={value} onChange={onChange} />
  return (
    <TextInput
      label={label}
      value={value ?? ''}
      // An empty field of a rule that was null stays null: "not set" and "empty text" differ.
      onChange={(event) =>
        onChange(event.currentTarget.value === '' && value === null ? null : event.currentTarget.value)
      }
      maw={420}
    />
  )
}

function ListField({
  label,
  value,
  onChange,
}: {
  label: string
  value: Json[]
  onChange(value: Json): void
}) {
  const isPlain = value.every((item) => typeof item === 'string')
  return (
    <Textarea
      label={label}
      description={isPlain ? 'One entry a line' : 'JSON'}
      autosize
      minRows={2}
      maw={560}
      defaultValue={isPlain ? value.join('\n') : JSON.stringify(value, null, 2)}
      onBlur={(event) => {
        const text = event.currentTarget.value
        if (isPlain) onChange(text.split('\n').filter((line) => line.trim() !== ''))
        else onChange(parsed(text, value))
      }}
    />
  )
}

function parsed(text: string, fallback: Json): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    return fallback
  }
}
