/** A bulk edit at work: how far it is. */

import { Progress } from '@mantine/core'
import type { BulkEdit } from '@/api/bulk-edits'
import { formatCount } from '@/format'
import { useT } from '@/i18n'
import { BULK_STATUSES } from '@/words/bulk'
import classes from './bulk.module.css'

export function Working({ edit }: { edit: BulkEdit }) {
  const t = useT()
  const { done, total } = edit
  return (
    <div className={classes.working} data-testid="bulk-progress">
      <div className={classes.workingHead} aria-live="polite">
        <span>{t(BULK_STATUSES[edit.status].label)}</span>
        {total > 0 && (
          <span className={classes.soft}>
            {t('{done} of {total} lines', { done: formatCount(done), total: formatCount(total) })}
          </span>
        )}
      </div>
      <Progress
        value={total ? Math.min(100, (100 * done) / total) : 100}
        animated
        size="md"
        aria-label={t('Progress')}
      />
    </div>
  )
}
