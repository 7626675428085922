/** Runs as a table, also used on the dashboard. */

import { Progress } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { isUnderWay, type Run } from '@/api/runs'
import { formatDuration, formatPeriod } from '@/format'
import { useT } from '@/i18n'
import { StatusBadge } from '@/ui/StatusBadge'
import table from '@/ui/table.module.css'
import { When } from '@/ui/When'
import { examinationSentences, RUN_KINDS, runStatusWord } from '@/words/runs'
import { OutcomeWords } from './Outcomes'

export function RunTable({ runs }: { runs: Run[] }) {
  const t = useT()
  return (
    <div className={table.wrap}>
      <table className={table.table} data-testid="runs-table">
        <thead>
          <tr>
            <th scope="col">{t('Run')}</th>
            <th scope="col">{t('Month')}</th>
            <th scope="col">{t('Status')}</th>
            <th scope="col">{t('Outcome')}</th>
            <th scope="col">{t('Started')}</th>
            <th scope="col" className={table.end}>
              {t('Took')}
            </th>
            <th scope="col">{t('By')}</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <RunRow key={run.id} run={run} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function RunRow({ run }: { run: Run }) {
  const t = useT()
  const word = runStatusWord(run)
  const { done, total } = run.progress
  return (
    <tr data-testid="run-row">
      <td className={`${table.name} ${table.nowrap}`}>
        <Link to="/runs/$runId" params={{ runId: run.id }}>
          {t(RUN_KINDS[run.kind])}
        </Link>
      </td>
      <td>{run.periods.map(formatPeriod).join(', ') || '–'}</td>
      <td>
        <StatusBadge tone={word.tone} meaning={t(word.meaning)}>
          {t(word.label)}
        </StatusBadge>
      </td>
      <td>
        {isUnderWay(run) ? (
          <Progress
            value={total ? (100 * done) / total : 100}
            animated
            size="sm"
            w={160}
            aria-label={t('Progress')}
          />
        ) : (
          run.error ||
          (run.kind === 'examination' ? (
            examinationSentences(run, t).join(' ')
          ) : (
            <OutcomeWords outcomes={run.outcomes} />
          ))
        )}
      </td>
      <td>
        <When at={run.started_at ?? run.created_at} />
      </td>
      <td className={`${table.end} ${table.nowrap}`}>{formatDuration(run.started_at, run.finished_at)}</td>
      <td className={`${table.soft} ${table.nowrap}`}>{run.requested_by}</td>
    </tr>
  )
}
