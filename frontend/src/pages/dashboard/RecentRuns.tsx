/** The last runs, with a word about each. */

import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { runsQuery, type Run } from '@/api/runs'
import { formatDuration, formatPeriod } from '@/format'
import { useT } from '@/i18n'
import { OutcomeWords } from '@/pages/runs/Outcomes'
import { ErrorState, LoadingRows } from '@/ui/states'
import { StatusBadge } from '@/ui/StatusBadge'
import { When } from '@/ui/When'
import { RUN_KINDS, runStatusWord } from '@/words/runs'
import classes from './dashboard.module.css'

export function RecentRuns() {
  const t = useT()
  const query = useInfiniteQuery(runsQuery({}))
  const runs = query.data?.pages[0]?.items.slice(0, 5) ?? []
  return (
    <>
      {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <LoadingRows rows={5} />}
      {query.isSuccess && runs.length === 0 && <p className={classes.nothing}>{t('Nothing ran yet.')}</p>}
      <ul className={classes.list}>
        {runs.map((run) => (
          <RunItem key={run.id} run={run} />
        ))}
      </ul>
    </>
  )
}

function RunItem({ run }: { run: Run }) {
  const t = useT()
  const word = runStatusWord(run)
  return (
    <li className={classes.item}>
      <span className={classes.itemText}>
        <Link to="/runs/$runId" params={{ runId: run.id }}>
          {t(RUN_KINDS[run.kind])}
        </Link>
        {run.periods.length > 0 && (
          <span className={classes.soft}> · {run.periods.map(formatPeriod).join(', ')}</span>
        )}
        <span className={classes.second}>{run.error || <OutcomeWords outcomes={run.outcomes} />}</span>
      </span>
      <span className={classes.itemEnd}>
        <StatusBadge tone={word.tone}>{t(word.label)}</StatusBadge>
        <span className={classes.second}>
          <When at={run.created_at} /> · {formatDuration(run.started_at, run.finished_at)}
        </span>
      </span>
    </li>
  )
}
