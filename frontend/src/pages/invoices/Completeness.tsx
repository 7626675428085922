/** A person's word that every invoice of the month has come. Others read what was said. */

import { Tooltip } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useSayComplete, type Period } from '@/api/periods'
import { mayWork, meQuery } from '@/api/session'
import { useT } from '@/i18n'
import { tellProblem } from '@/ui/notice'
import classes from './invoices.module.css'

export function Completeness({ period }: { period: Period }) {
  const t = useT()
  const { data: me } = useQuery(meQuery)
  const say = useSayComplete(period.period)
  if (!mayWork(me)) {
    return period.is_complete ? <> {t('The month is complete.')}</> : null
  }
  return (
    <Tooltip
      multiline
      w={340}
      label={t(
        'Say so when every invoice of the month has come. A subscription without a line then counts as not charged, and the plan asks what becomes of its addition. Until then its charge may still come, and nobody is asked.',
      )}
    >
      <label className={classes.complete}>
        <input
          type="checkbox"
          checked={say.isPending ? say.variables : period.is_complete}
          disabled={say.isPending}
          onChange={(event) => say.mutate(event.currentTarget.checked, { onError: tellProblem })}
          data-testid="complete"
        />
        {t('This month is complete')}
      </label>
    </Tooltip>
  )
}
