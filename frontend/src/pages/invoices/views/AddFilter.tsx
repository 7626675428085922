/** A filter of any field: choose the field, then say what of it, as its kind allows. */

import { Button, Popover, Select, Stack } from '@mantine/core'
import { ListFilterPlus } from 'lucide-react'
import { useState } from 'react'
import type { FacetValue, FilterableField } from '@/api/lines'
import { useT } from '@/i18n'
import { FieldFilter } from './FieldFilter'
import { fieldsToAdd, type More } from './members'

interface Props {
  fields: FilterableField[]
  facets: Record<string, FacetValue[]>
  more: More | undefined
  onMore(more: More | undefined): void
}

export function AddFilter({ fields, facets, more, onMore }: Props) {
  const t = useT()
  const [isOpen, setOpen] = useState(false)
  const [chosen, setChosen] = useState<string | null>(null)
  const choices = fieldsToAdd(fields)
  const field = choices.find(({ name }) => name === chosen)
  const apply = (change: More) => {
    const own = new Set(Object.values(field?.parameters ?? {}))
    const others = Object.entries(more ?? {}).filter(([name]) => !own.has(name))
    const next = { ...Object.fromEntries(others), ...change }
    onMore(Object.keys(next).length ? next : undefined)
    setOpen(false)
    setChosen(null)
  }
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-start" shadow="md" width={300} trapFocus>
      <Popover.Target>
        <Button
          variant="default"
          leftSection={<ListFilterPlus size={15} aria-hidden />}
          onClick={() => setOpen(!isOpen)}
          data-testid="add-filter"
        >
          {t('Filter')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap={10}>
          <Select
            label={t('Field')}
            data={choices.map(({ name, label }) => ({ value: name, label }))}
            value={chosen}
            onChange={setChosen}
            searchable
            comboboxProps={{ withinPortal: false }}
            data-testid="filter-field"
          />
          {field && (
            <FieldFilter
              key={field.name}
              field={field}
              facet={facets[field.name] ?? []}
              more={more ?? {}}
              onApply={apply}
            />
          )}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}
