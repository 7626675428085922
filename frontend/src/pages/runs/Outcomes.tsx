/** What came of a run: a count and money per outcome. */

import type { Run } from '@/api/runs'
import { formatAmounts, formatCount } from '@/format'
import { LINE_STATUSES, OPERATION_KINDS } from '@/words'
import classes from './runs.module.css'

const WORDS: Record<string, { label: string; tone: string } | undefined> = {
  ...LINE_STATUSES,
  ...OPERATION_KINDS,
}

function label(outcome: string): string {
  const words = WORDS[outcome]?.label ?? outcome.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

export function Outcomes({ outcomes }: { outcomes: Run['outcomes'] }) {
  const entries = Object.entries(outcomes)
  if (entries.length === 0) return null
  return (
    <dl className={classes.outcomes}>
      {entries.map(([name, tally]) => (
        <div key={name} className={classes.outcome}>
          <dt>
            <span className={classes.dot} data-tone={WORDS[name]?.tone ?? 'quiet'} aria-hidden />
            {label(name)}
          </dt>
          <dd>
            <span className={classes.outcomeCount}>{formatCount(tally.count)}</span>
            {Object.keys(tally.amounts).length > 0 && (
              <span className={classes.soft}>{formatAmounts(tally.amounts)}</span>
            )}
          </dd>
        </div>
      ))}
    </dl>
  )
}

/** The same on one line, for lists. */
export function OutcomeWords({ outcomes }: { outcomes: Run['outcomes'] }) {
  const words = Object.entries(outcomes).map(
    ([name, { count }]) => `${formatCount(count)} ${label(name).toLowerCase()}`,
  )
  return <span className={classes.soft}>{words.join(', ') || '–'}</span>
}
