/** How many additions go as quantity 1, and for how much; nothing where none does, or nobody counted. */

import type { Schemas } from '@/api/client'
import { formatAmounts } from '@/format'
import { useT } from '@/i18n'

interface SinglesProps {
  singles: Schemas['Tally'] | null | undefined
}

export function Singles({ singles }: SinglesProps) {
  const t = useT()
  if (!singles?.count) return null
  return (
    <p data-testid="singles">
      {t(
        '{count, plural, one {# addition goes as quantity 1} other {# additions go as quantity 1}}: {amounts}. No unit price that ConnectWise keeps comes to the total; the true quantity is in the description.',
        { count: singles.count, amounts: formatAmounts(singles.amounts ?? {}) },
      )}
    </p>
  )
}
