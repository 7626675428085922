/** By what lines are added up, if at all. */

import { Select } from '@mantine/core'
import type { FilterableField, LineGrouping } from '@/api/lines'
import { useT } from '@/i18n'
import classes from './views.module.css'

interface Props {
  fields: FilterableField[]
  by: LineGrouping | undefined
  onGroup(by: LineGrouping | undefined): void
}

export function GroupBy({ fields, by, onGroup }: Props) {
  const t = useT()
  return (
    <Select
      className={classes.groupBy}
      placeholder={t('Group by')}
      aria-label={t('Group by')}
      data={fields.filter(({ group }) => group).map(({ name, label }) => ({ value: name, label }))}
      value={by ?? null}
      onChange={(value) => onGroup((value ?? undefined) as LineGrouping | undefined)}
      clearable
      data-testid="group-by"
    />
  )
}
