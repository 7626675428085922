/** What is under way right now, wherever one is: a thin bar that leads to the run. */

import { Progress } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { activeRunsQuery, type Run } from '@/api/runs'
import { useRun } from '@/api/live'
import { useT } from '@/i18n'
import { RUN_KINDS } from '@/words/runs'
import classes from './shell.module.css'

export function ActiveRuns() {
  const { data: runs } = useQuery(activeRunsQuery)
  if (!runs?.length) return null
  return (
    <div className={classes.activeRuns}>
      {runs.slice(0, 3).map((run) => (
        <ActiveRun key={run.id} first={run} />
      ))}
    </div>
  )
}

function ActiveRun({ first }: { first: Run }) {
  const t = useT()
  const { data: run = first } = useRun(first.id)
  const { done, total } = run.progress
  return (
    <Link to="/runs/$runId" params={{ runId: run.id }} className={classes.activeRun}>
      <span className={classes.placeLabel}>{t(RUN_KINDS[run.kind])}</span>
      <Progress
        size={4}
        value={total ? (100 * done) / total : 100}
        animated={!total}
        aria-label={t(RUN_KINDS[run.kind])}
      />
    </Link>
  )
}
