/** Long tables are drawn in steps; the search finds what is not drawn yet. */

import { Button } from '@mantine/core'
import { useState } from 'react'
import { formatCount } from '@/format'
import { useT } from '@/i18n'
import classes from './mapping.module.css'

const STEP = 100

export function useGrowing<Item>(items: Item[]): { shown: Item[]; more(): void } {
  const [limit, setLimit] = useState(STEP)
  return { shown: items.slice(0, limit), more: () => setLimit(limit + STEP) }
}

export function ShowMore({ shown, total, onMore }: { shown: number; total: number; onMore(): void }) {
  const t = useT()
  if (shown >= total) return null
  return (
    <div className={classes.more}>
      <Button variant="default" size="xs" onClick={onMore}>
        {t('Show more ({shown} of {total})', { shown: formatCount(shown), total: formatCount(total) })}
      </Button>
    </div>
  )
}
