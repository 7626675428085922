/** The words for runs: kinds, states, and what a mirror counts. */

import type { Run } from '@/api/runs'
import type { Translate } from '@/i18n'
import type { Tone, Word } from './word'

export const RUN_KINDS: Record<Run['kind'], string> = {
  load: 'Load invoices',
  push: 'Push additions',
  mirror: 'Sync organizations',
  plan: 'Compute plan',
  examination: 'Check for duplicates',
}

export const RUN_STATUSES: Record<Run['status'], Word> = {
  queued: { label: 'Queued', tone: 'quiet', meaning: 'Waiting for a worker.' },
  running: { label: 'Running', tone: 'accent', meaning: 'Under way.' },
  succeeded: { label: 'Succeeded', tone: 'ready', meaning: 'Ended; outcomes are complete.' },
  failed: { label: 'Failed', tone: 'failed', meaning: 'Ended with an error; nothing is hidden.' },
}

const PLAN_RUNS: Partial<Record<Run['status'], Word>> = {
  succeeded: { label: 'Computed', tone: 'ready', meaning: 'Plan computed: it can be read and pushed.' },
  failed: { label: 'Failed', tone: 'failed', meaning: 'Plan failed: it could not be computed.' },
}

/** How a run stands, in the words of its kind. */
export function runStatusWord({
  kind,
  status,
}: {
  kind: keyof typeof RUN_KINDS
  status: Run['status']
}): Word {
  return (kind === 'plan' && PLAN_RUNS[status]) || RUN_STATUSES[status]
}

/** What a check for duplicates counts. */
export const EXAMINED: Record<string, { label: string; tone: Tone }> = {
  twins: { label: 'Charges that stand twice', tone: 'failed' },
  additions_examined: { label: 'Open additions examined', tone: 'ready' },
  agreements_examined: { label: 'Agreements examined', tone: 'ready' },
  agreements_unreadable: { label: 'Agreements not read', tone: 'held' },
  additions_unreadable: { label: 'Additions not read', tone: 'held' },
}

/** What a check for duplicates found, in sentences: never an all-clear without the number examined. */
export function examinationSentences({ outcomes }: Pick<Run, 'outcomes'>, t: Translate): string[] {
  const count = (name: string) => outcomes[name]?.count ?? 0
  const additions = count('additions_examined')
  const agreements = count('agreements_examined')
  const unread = { agreements: count('agreements_unreadable'), additions: count('additions_unreadable') }
  if (agreements + unread.agreements === 0) {
    return [t('There was nothing to examine: no addition of ours is on any agreement.')]
  }
  const extent =
    '{additions, plural, one {# addition} other {# additions}} on ' +
    '{agreements, plural, one {# agreement} other {# agreements}} examined.'
  const twins = count('twins')
  const found = twins
    ? [
        t(
          '{twins, plural, one {# charge stands twice and would be billed twice} ' +
            `other {# charges stand twice and would be billed twice}}: ${extent}`,
          { twins, additions, agreements },
        ),
        t('The log names the additions. Plan the month again: the plan shows the repair and why.'),
      ]
    : [t(`No open addition stands twice: ${extent}`, { additions, agreements })]
  const missed = [
    unread.agreements > 0 &&
      t(
        '{agreements, plural, one {# agreement} other {# agreements}} could not be read and may hold others.',
        unread,
      ),
    unread.additions > 0 &&
      t(
        '{additions, plural, one {# addition} other {# additions}} could not be read and may stand twice.',
        unread,
      ),
  ]
  return [...found, ...missed.filter((sentence) => sentence !== false)]
}

/** What a mirror counts, in words of the side it comes from. */
export const MIRRORED: Record<string, string> = {
  organization: 'Organizations',
  offer: 'Offers',
  contract: 'Contracts',
  subscription: 'Subscriptions',
  company: 'Companies',
  catalog_item: 'Catalog items',
  agreement_type: 'Agreement types',
  agreement: 'Agreements',
}
