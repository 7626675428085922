/** The words for runs: kinds, states, and what a mirror counts. */

import type { Run } from '@/api/runs'
import type { Word } from './word'

export const RUN_KINDS: Record<Run['kind'], string> = {
  load: 'Load invoices',
  push: 'Push additions',
  mirror: 'Sync organizations',
  plan: 'Compute plan',
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
