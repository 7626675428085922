/** What narrows the grid beyond the controls beside the search: one chip each, and a way to take all of it back. */

import { Button, Pill } from '@mantine/core'
import type { FilterableField } from '@/api/lines'
import { useT } from '@/i18n'
import { activeFilters, type More } from './members'
import classes from './views.module.css'

interface Props {
  fields: FilterableField[]
  more: More | undefined
  onMore(more: More | undefined): void
}

export function FilterChips({ fields, more, onMore }: Props) {
  const t = useT()
  const filters = activeFilters(fields, more)
  if (filters.length === 0) return null
  const remove = (name: string) => {
    const rest = Object.fromEntries(Object.entries(more ?? {}).filter(([key]) => key !== name))
    onMore(Object.keys(rest).length ? rest : undefined)
  }
  return (
    <div className={classes.chips} role="group" aria-label={t('More filters')} data-testid="filter-chips">
      {filters.map(({ name, words }) => (
        <Pill
          key={name}
          size="md"
          withRemoveButton
          onRemove={() => remove(name)}
          removeButtonProps={{
            'aria-label': t('Remove the filter {words}', { words }),
            'aria-hidden': false,
            tabIndex: 0,
          }}
        >
          {words}
        </Pill>
      ))}
      {filters.length > 1 && (
        <Button variant="subtle" color="gray" size="compact-xs" onClick={() => onMore(undefined)}>
          {t('Remove these {count} filters', { count: filters.length })}
        </Button>
      )}
    </div>
  )
}
