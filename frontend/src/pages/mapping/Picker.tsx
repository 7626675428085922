/** A searchable choice that asks the server as one types. Closed it is a plain button, so that tables stay light. */

import { Loader, Select, VisuallyHidden } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery, type UseQueryOptions } from '@tanstack/react-query'
import { ChevronDown } from 'lucide-react'
import { useState } from 'react'
import { useT } from '@/i18n'
import classes from './mapping.module.css'

export interface Choice {
  id: string
  name: string
  identifier?: string | null
}

interface Props {
  label: string
  placeholder: string
  value: Choice | null
  isSaving: boolean
  // Each caller passes its own typed query; only the choices matter here.
  choices(search: string): unknown
  onChoose(id: string | null): void
  testId: string
}

export function Picker(props: Props) {
  const [isOpen, setOpen] = useState(false)
  const { value, placeholder, label, isSaving, testId } = props
  if (isOpen) return <OpenPicker {...props} onClose={() => setOpen(false)} />
  return (
    <button
      type="button"
      className={classes.picker}
      data-empty={value === null}
      title={value?.identifier ?? undefined}
      onClick={() => setOpen(true)}
      disabled={isSaving}
      data-testid={testId}
    >
      <VisuallyHidden>{label}: </VisuallyHidden>
      <span className={classes.pickerText}>{value?.name ?? placeholder}</span>
      {isSaving ? <Loader size={12} /> : <ChevronDown size={13} aria-hidden />}
    </button>
  )
}

/** The choice while it is open. */
export function OpenPicker({
  label,
  placeholder,
  value,
  choices,
  onChoose,
  onClose,
  testId,
}: Props & { onClose(): void }) {
  const t = useT()
  const [typed, setTyped] = useState('')
  const [search] = useDebouncedValue(typed, 180)
  const query = useQuery(choices(search) as UseQueryOptions<Choice[]>)
  const found = query.data ?? []
  const known = value && !found.some(({ id }) => id === value.id) && !search ? [value, ...found] : found
  return (
    <Select
      autoFocus
      defaultDropdownOpened
      searchable
      clearable={value !== null}
      aria-label={label}
      placeholder={placeholder}
      data={known.map((choice) => ({
        value: choice.id,
        label: choice.identifier ? `${choice.name} (${choice.identifier})` : choice.name,
      }))}
      // The server has filtered already.
      filter={({ options }) => options}
      searchValue={typed}
      onSearchChange={setTyped}
      rightSection={query.isFetching ? <Loader size={12} /> : undefined}
      nothingFoundMessage={query.isFetching ? t('Searching…') : t('Nothing by that name')}
      onChange={(id) => {
        onChoose(id)
        onClose()
      }}
      onDropdownClose={onClose}
      comboboxProps={{ width: 320, position: 'bottom-start' }}
      data-testid={`${testId}-search`}
    />
  )
}
