/** Asks, before anything is written, what becomes of a block of which some cells were refused. */

import { useT } from '@/i18n'
import { RefusalsDialog } from './RefusalsDialog'
import type { BlockEdits } from './useBlockEdits'

export function BlockReview({ review, settle }: Pick<BlockEdits, 'review' | 'settle'>) {
  const t = useT()
  if (!review) return null
  const { refusals, accepted } = review
  const others = {
    label: t('Write the other {accepted, plural, one {cell} other {# cells}}', { accepted }),
    testId: 'refusals-write',
    run: () => settle('write'),
  }
  const none = {
    label: accepted ? t('Write nothing') : t('Close'),
    testId: 'refusals-drop',
    run: () => settle('drop'),
  }
  return (
    <RefusalsDialog
      title={t('{count, plural, one {One cell cannot} other {# cells cannot}} take this', {
        count: refusals.length,
      })}
      lead={
        accepted
          ? t(
              'Nothing is written yet. {accepted, plural, one {One other cell} other {# other cells}} can be.',
              {
                accepted,
              },
            )
          : t('Nothing was written.')
      }
      refusals={refusals}
      actions={accepted ? [others, none] : [none]}
      onClose={() => settle('drop')}
    />
  )
}
