/** A run as it goes: how far, what came of it, what went wrong. */

import { Progress } from '@mantine/core'
import type { Run } from '@/api/runs'
import { isUnderWay } from '@/api/runs'
import { formatCount, formatDuration } from '@/format'
import { useT } from '@/i18n'
import { useNow } from '@/ui/When'
import { runStatusWord } from '@/words/runs'
import { Outcomes } from './Outcomes'
import classes from './runs.module.css'

export function RunProgress({ run }: { run: Run }) {
  const t = useT()
  const now = useNow(1_000)
  const { done, total } = run.progress
  const isGoing = isUnderWay(run)
  const percent = total ? Math.min(100, (100 * done) / total) : isGoing ? 100 : 0
  return (
    <div className={classes.progress} data-testid="run-progress" data-status={run.status}>
      <div className={classes.progressHead} aria-live="polite">
        <span>
          {isGoing && total > 0
            ? t('{done} of {total}', { done: formatCount(done), total: formatCount(total) })
            : t(runStatusWord(run).label)}
        </span>
        <span className={classes.soft}>
          {formatDuration(run.started_at ?? run.created_at, run.finished_at, now)}
        </span>
      </div>
      {isGoing && <Progress value={percent} animated size="md" aria-label={t('Progress')} />}
      <Outcomes outcomes={run.outcomes} />
      {run.error && (
        <p role="alert" className={classes.error} data-testid="run-error">
          {run.error}
        </p>
      )}
    </div>
  )
}
