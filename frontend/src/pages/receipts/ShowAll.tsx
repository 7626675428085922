/** Below a list of which only the first rows are shown. */

import { Button } from '@mantine/core'
import { formatCount } from '@/format'
import { useT } from '@/i18n'
import classes from './receipts.module.css'

export function ShowAll({ count, onShow }: { count: number; onShow: () => void }) {
  const t = useT()
  return (
    <div className={classes.more} data-print="no">
      <Button variant="default" size="xs" onClick={onShow}>
        {t('Show all {count}', { count: formatCount(count) })}
      </Button>
    </div>
  )
}
