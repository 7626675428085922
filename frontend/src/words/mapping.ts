/** The words for mapping. */

import type { OrganizationState } from '@/api/organizations'
import type { Word } from './word'

export const MAPPING_STATES: Record<OrganizationState, Word> = {
  excluded: {
    label: 'Excluded',
    tone: 'quiet',
    meaning: 'Nothing of it is sent until somebody approves it.',
  },
  unmapped: { label: 'Unmapped', tone: 'held', meaning: 'Approved, but not mapped yet: its lines are held.' },
  suggested: { label: 'Suggested', tone: 'accent', meaning: 'A likely match was found; it waits for a yes.' },
  mapped: { label: 'Mapped', tone: 'ready', meaning: 'Its lines can go out.' },
}
