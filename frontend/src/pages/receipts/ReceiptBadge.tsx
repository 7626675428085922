/** The verdict of a receipt in one badge, for lists and for the run it belongs to. */

import type { ReceiptSummary } from '@/api/receipts'
import { useT } from '@/i18n'
import { StatusBadge } from '@/ui/StatusBadge'
import { verdictOf } from '@/words/receipts'

export function ReceiptBadge({ receipt }: { receipt: ReceiptSummary }) {
  const t = useT()
  const { tone, label, meaning } = verdictOf(receipt)
  return (
    <StatusBadge tone={tone} meaning={t(meaning)}>
      {t(label)}
    </StatusBadge>
  )
}
