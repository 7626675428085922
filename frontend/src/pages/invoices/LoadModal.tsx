/** Loading invoices: which months, then how it goes, then what came of it. */

import { Button, Radio, Stack } from '@mantine/core'
import { useState } from 'react'
import type { Period } from '@/api/periods'
import { isUnderWay, useLoad, type Run } from '@/api/runs'
import { useRun } from '@/api/live'
import { formatPeriod } from '@/format'
import { useT } from '@/i18n'
import { Dialog } from '@/ui/Dialog'
import { RunProgress } from '@/pages/runs/RunProgress'
import { ErrorState, LoadingRows } from '@/ui/states'
import classes from './invoices.module.css'

interface Props {
  periods: Period[]
  /** A load that is under way already, whoever started it. */
  running: Run | undefined
  onClose(): void
  onShow(period: string): void
}

export function LoadModal({ periods, running, onClose, onShow }: Props) {
  const t = useT()
  const load = useLoad()
  const runId = load.data?.id ?? running?.id
  return (
    <Dialog onClose={onClose} title={t('Load invoice lines')} size="md">
      {runId ? (
        <LoadProgress runId={runId} onClose={onClose} onShow={onShow} />
      ) : (
        <ChooseMonths
          periods={periods}
          isStarting={load.isPending}
          error={load.error}
          onLoad={(chosen) => load.mutate(chosen)}
        />
      )}
    </Dialog>
  )
}

interface ChooseProps {
  periods: Period[]
  isStarting: boolean
  error: unknown
  onLoad(periods: string[]): void
}

function ChooseMonths({ periods, isStarting, error, onLoad }: ChooseProps) {
  const t = useT()
  const loadable = periods
    .filter((period) => period.loadable)
    .map(({ period }) => period)
    .sort()
    .reverse()
  const [current, previous] = loadable
  const [choice, setChoice] = useState('current')
  const chosen = [choice !== 'previous' && current, choice !== 'current' && previous].filter(
    (period): period is string => Boolean(period),
  )
  return (
    <Stack gap="md">
      <p className={classes.lead}>
        {t('Months of the invoice date. Loading again is safe: changed rows are updated, your edits stay.')}
      </p>
      {error !== null && error !== undefined && <ErrorState error={error} />}
      <Radio.Group value={choice} onChange={setChoice} aria-label={t('Months to load')}>
        <Stack gap={10}>
          {current && (
            <Radio
              value="current"
              label={t('Current month')}
              description={formatPeriod(current)}
              data-testid="load-current"
            />
          )}
          {previous && (
            <Radio
              value="previous"
              label={t('Previous month')}
              description={formatPeriod(previous)}
              data-testid="load-previous"
            />
          )}
          {current && previous && <Radio value="both" label={t('Both')} data-testid="load-both" />}
        </Stack>
      </Radio.Group>
      <Button
        onClick={() => onLoad(chosen)}
        loading={isStarting}
        disabled={chosen.length === 0}
        data-testid="load-start"
      >
        {t('Load {months}', { months: chosen.map(formatPeriod).join(' and ') })}
      </Button>
    </Stack>
  )
}

interface ProgressProps {
  runId: string
  onClose(): void
  onShow(period: string): void
}

function LoadProgress({ runId, onClose, onShow }: ProgressProps) {
  const t = useT()
  const { data: run, error } = useRun(runId)
  if (error) return <ErrorState error={error} />
  if (!run) return <LoadingRows rows={2} />
  const [period] = [...run.periods].sort().reverse()
  return (
    <Stack gap="md">
      <p className={classes.lead}>{run.periods.map(formatPeriod).join(', ')}</p>
      <RunProgress run={run} />
      {isUnderWay(run) ? (
        <Button variant="default" onClick={onClose}>
          {t('Close; the load goes on')}
        </Button>
      ) : (
        <Button
          data-testid="load-done"
          onClick={() => {
            if (period) onShow(period)
            onClose()
          }}
        >
          {period ? t('Show {month}', { month: formatPeriod(period) }) : t('Close')}
        </Button>
      )}
    </Stack>
  )
}
