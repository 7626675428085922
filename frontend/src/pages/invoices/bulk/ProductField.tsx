/** One product for all lines, searched for in the catalog. */

import { Select } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { catalogItemsQuery } from '@/api/reference'
import { useT } from '@/i18n'

interface Props {
  label: string
  value: string
  onChange(productId: string): void
}

export function ProductField({ label, value, onChange }: Props) {
  const t = useT()
  const [typed, setTyped] = useState('')
  const [search] = useDebouncedValue(typed, 180)
  const [chosen, setChosen] = useState<{ id: string; name: string }>()
  // What is shown as chosen is no search.
  const items = useQuery(catalogItemsQuery(search === chosen?.name ? '' : search))
  const found = items.data ?? []
  const shown = chosen && !found.some(({ id }) => id === chosen.id) ? [chosen, ...found] : found
  return (
    <Select
      label={label}
      placeholder={t('Search the catalog')}
      data={shown.map(({ id, name }) => ({ value: id, label: name }))}
      value={value || null}
      onChange={(id) => {
        setChosen(shown.find((each) => each.id === id))
        onChange(id ?? '')
      }}
      searchable
      searchValue={typed}
      onSearchChange={setTyped}
      filter={({ options }) => options}
      nothingFoundMessage={items.isFetching ? t('Searching…') : t('Nothing by that name')}
      data-testid="bulk-product"
    />
  )
}
