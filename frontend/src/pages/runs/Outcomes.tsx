/** What came of a run: a count and money per outcome. */

import type { Run } from '@/api/runs'
import { formatAmounts, formatCount } from '@/format'
import { LINE_STATUSES, STATUS_ORDER } from '@/words/lines'
import { OPERATION_KINDS, OPERATION_ORDER } from '@/words/plans'
import { EXAMINED, MIRRORED } from '@/words/runs'
import classes from './runs.module.css'

/** What became of a push's lines. */
const PUSHED: Record<string, { label: string; tone: string }> = {
  created: { label: 'Created', tone: 'ready' },
  updated: { label: 'Updated', tone: 'sent' },
  cancelled: { label: 'Cancelled', tone: 'failed' },
  closed: { label: 'Ended', tone: 'failed' },
  'trued up': { label: 'Trued up', tone: 'ready' },
  undecided: { label: 'Without charge', tone: 'held' },
  adopted: { label: 'Adopted', tone: 'preview' },
  unchanged: { label: 'Unchanged', tone: 'quiet' },
  failed: { label: 'Failed', tone: 'failed' },
  unsent: { label: 'Unsent', tone: 'held' },
}

const WORDS: Record<string, { label: string; tone: string } | undefined> = {
  ...OPERATION_KINDS,
  ...LINE_STATUSES,
  ...PUSHED,
  ...EXAMINED,
}

/** Statuses and operations in the order people know them from the pages, then the rest. */
const ORDER: string[] = [
  ...STATUS_ORDER,
  ...OPERATION_ORDER,
  ...Object.keys(PUSHED),
  ...Object.keys(EXAMINED),
  ...Object.keys(MIRRORED),
]

function label(outcome: string): string {
  const words = WORDS[outcome]?.label ?? MIRRORED[outcome] ?? outcome.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function inOrder(outcomes: Run['outcomes']) {
  const place = (name: string) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length)
  return Object.entries(outcomes).sort(([a], [b]) => place(a) - place(b))
}

export function Outcomes({ outcomes }: { outcomes: Run['outcomes'] }) {
  const entries = inOrder(outcomes)
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
  const words = inOrder(outcomes).map(
    ([name, { count }]) => `${formatCount(count)} ${label(name).toLowerCase()}`,
  )
  return <span className={classes.soft}>{words.join(', ') || '–'}</span>
}
